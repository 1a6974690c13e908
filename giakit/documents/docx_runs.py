"""Text of one Word paragraph as a reader of the printed page sees it.

Numbers that Word counts by itself (automatic numbering, ``w:numPr``) are not in the text and are left off.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from lxml import etree

from giakit.documents.wordml import (
    PLAIN,
    Look,
    attribute,
    child,
    contents,
    is_true,
    look_of,
    name_of,
    properties_of,
)

_BREAKS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_PICTURES = frozenset(("a:blip", "v:imagedata", "c:chart", "dgm:relIds"))
_NOTE_MARK = re.compile(r"[\d\u2460-\u2473*※†‡#\[\]()（）〔〕【】注,，\s]+")


@dataclass(slots=True)
class Paragraph:
    """What a paragraph shows.

    Parameters
    ----------
    text : str
        Line breaks as ``\\n``, tabs as ``\\t``.
    boxes : list of lxml.etree._Element
        Contents of the text boxes anchored in it, not part of `text`.
    joins_next : bool
        Whether its end was deleted, so that the next paragraph continues it.
    hid : bool
        Whether text of it was hidden.
    """

    text: str = ""
    boxes: list[etree._Element] = field(default_factory=list)
    joins_next: bool = False
    hid: bool = False


class ParagraphReader:
    """Reads paragraphs of one document.

    Parameters
    ----------
    styles : dict of str to Look
        From `read_styles`.
    passed_over : Counter
        Counts what is left out: ``hidden``, ``struck``, ``mark``, ``deleted``, ``image``, ``object:<kind>``.
    """

    def __init__(self, styles: dict[str, Look], passed_over: Counter[str]) -> None:
        self._styles = styles
        self._passed_over = passed_over

    def read(self, element: etree._Element) -> Paragraph:
        """Text of a ``<w:p>``."""
        found = Paragraph()
        parts: list[str] = []
        fields: list[bool] = []
        properties = properties_of(element, "pPr")
        style = attribute(properties.get("pStyle"))
        base = self._styles.get(style, PLAIN) if style else PLAIN
        for each in contents(element, self._passed_over):
            name = name_of(each)
            if name == "r":
                self._run(each, base, parts, fields, found)
            elif name in ("m:oMath", "m:oMathPara"):
                parts.extend(text.text or "" for text in each.iter() if name_of(text) == "m:t")
        found.text = "".join(parts)
        found.joins_next = child(properties.get("rPr"), "del") is not None
        return found

    def _run(
        self, run: etree._Element, base: Look, parts: list[str], fields: list[bool], found: Paragraph
    ) -> None:
        """Append what a run shows; `fields` holds for each open field whether its code is still going on."""
        look, words, custom_mark = base, [], False
        for each in contents(run, self._passed_over):
            name = name_of(each)
            if name == "t":
                words.append(each.text or "")
            elif name == "rPr":
                style = attribute(child(each, "rStyle"))
                look = look_of(each).over(self._styles.get(style, PLAIN) if style else PLAIN).over(base)
            elif name == "r":  # the base text of a ruby
                words.extend(text.text or "" for text in each.iter() if name_of(text) == "t")
            elif name in _BREAKS:
                words.append(_BREAKS[name])
            elif name == "sym":
                words.append(_symbol(each))
            elif name in ("drawing", "pict", "object"):
                self._graphic(each, found)
            elif name == "fldChar":
                _turn_field(attribute(each, "fldCharType"), fields)
            elif name in ("footnoteReference", "endnoteReference"):
                custom_mark = custom_mark or is_true(attribute(each, "customMarkFollows"))
        text = "".join(words)
        if not text or any(fields) or custom_mark:
            return
        if look.hidden:
            self._passed_over["hidden"] += 1
            found.hid = True
        elif look.struck:
            self._passed_over["struck"] += 1
        elif look.raised and _NOTE_MARK.fullmatch(text) and "".join(parts).strip():
            self._mark(text, parts)
        else:
            parts.append(text)

    def _mark(self, text: str, parts: list[str]) -> None:
        """A raised mark after text: left out, but never where a digit before it could be meant to go on."""
        if "".join(parts).rstrip()[-1].isnumeric():
            parts.append(text if text.strip()[:1] in "[(（〔【" else f"[{text.strip()}]")
        else:
            self._passed_over["mark"] += 1

    def _graphic(self, element: etree._Element, found: Paragraph) -> None:
        for each in contents(element, self._passed_over):
            name = name_of(each)
            if name == "txbxContent":
                found.boxes.append(each)
            elif name in _PICTURES:
                self._passed_over["image"] += 1
            elif name == "o:OLEObject":
                self._passed_over[f"object:{each.get('ProgID', 'unknown')}"] += 1
            elif name == "wp:docPr" and is_true(each.get("hidden")):
                self._passed_over["hidden"] += 1
                return
            else:
                self._graphic(each, found)


def _turn_field(kind: str | None, fields: list[bool]) -> None:
    if kind == "begin":
        fields.append(True)
    elif kind == "separate" and fields:
        fields[-1] = False
    elif kind == "end" and fields:
        fields.pop()


def _symbol(element: etree._Element) -> str:
    """A character of a symbol font; those of the font Symbol are Latin, others have no letter and stay."""
    code = attribute(element, "char") or ""
    if not re.fullmatch(r"[0-9A-Fa-f]{1,4}", code):
        return ""
    number = int(code, 16)
    if 0xD800 <= number < 0xE000:
        return ""
    if attribute(element, "font") == "Symbol" and 0xF020 <= number <= 0xF07E:
        number -= 0xF000
    return chr(number)
