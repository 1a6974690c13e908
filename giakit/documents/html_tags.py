"""The elements of a page by what they do to its text."""

from __future__ import annotations

# Nothing in them is shown as text.
SKIPPED = frozenset(
    {
        "script",
        "style",
        "noscript",
        "template",
        "head",
        "iframe",
        "object",
        "svg",
        "select",
        "option",
        "button",
        "-comment",
        "!doctype",
        "map",
        "video",
        "audio",
        "input",
    }
)
# They begin a line of their own.
BLOCKS = frozenset(
    [
        "p",
        "div",
        "li",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "section",
        "article",
        "main",
        "header",
        "footer",
        "nav",
        "aside",
        "center",
        "blockquote",
        "pre",
        "form",
        "fieldset",
        "table",
        "tr",
        "td",
        "th",
        "caption",
        "tbody",
        "thead",
        "tfoot",
        "body",
        "html",
        "address",
        "figure",
        "figcaption",
        "hr",
    ]
)
# What may be a row of a table made of boxes, and its cells.
CONTAINERS = frozenset({"div", "ul", "ol", "dl", "section", "article", "main", "body", "center", "form"})
CELLS = frozenset({"div", "span", "li", "dt", "dd", "p", "b", "strong"})
INLINE = frozenset({"span", "font", "b", "i", "em", "strong", "u"})
STRUCK = frozenset({"del", "s", "strike"})
