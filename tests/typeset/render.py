"""From a draft to the bytes of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from typeset import html, text
from typeset.model import Draft
from typeset.registry import PAGED, Quirk, generator

EXTENSIONS = {
    "html": ".html",
    "text": ".txt",
    "markdown": ".md",
    "docx": ".docx",
    "xlsx": ".xlsx",
    "xls": ".xls",
    "pdf": ".pdf",
    "mht": ".mht",
    "png": ".png",
}


def rendered(draft: Draft, late: Iterable[Quirk], seed: int | str) -> bytes:
    """The file, after the quirks on markup and bytes."""
    late = list(late)
    if draft.format in PAGED:
        markup = html.page(draft)
        for quirk in (quirk for quirk in late if quirk.stage == "markup"):
            markup = quirk.apply(markup, draft, generator(seed, quirk.name))
        data = _from_page(draft, markup)
    else:
        data = _writer(draft.format)(draft)
    for quirk in (quirk for quirk in late if quirk.stage == "bytes"):
        data = quirk.apply(data, draft, generator(seed, quirk.name))
    return data


def _from_page(draft: Draft, markup: str) -> bytes:
    if draft.format == "html":
        return markup.encode("utf-8")
    from typeset import printed

    makers = {"mht": printed.mht, "pdf": printed.pdf, "png": printed.png}
    return makers[draft.format](markup, draft)


def _writer(format: str) -> Callable[[Draft], bytes]:
    if format == "text":
        return lambda draft: text.plain(draft).encode("utf-8")
    if format == "markdown":
        return lambda draft: text.markdown(draft).encode("utf-8")
    from typeset import office, sheets

    return {"docx": office.docx, "xlsx": sheets.xlsx, "xls": sheets.xls}[format]
