"""HTML: a page's markup to what a reader of the page would see."""
