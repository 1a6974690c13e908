"""Documents of every format as blocks in reading order."""
