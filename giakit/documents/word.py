"""Word files (.docx, .docm, .dotx, .wps that is a zip, Word 2003 XML, flat packages) as documents.

Read as the printed page reads: insertions kept, deletions, hidden and struck text and the content of covered cells left out (with
a note), headers and footers apart, text boxes once. A figure whose characters differ in style (raised, struck, tiny, in the
colour of their ground), that a formula prints or that a drawn shape may cover is doubted. Numbers that Word counts by itself
(automatic numbering) are not in the text and are left off.
"""

from __future__ import annotations

import base64
import dataclasses
import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple, TypeAlias

from lxml import etree

from giakit.documents.archive import Archive, Relationship, is_ole, parse_xml
from giakit.documents.grid import MAX_COLSPAN, GridBuilder
from giakit.documents.limits import DEFAULT_LIMITS, Limits, check_cells
from giakit.documents.model import Block, Document, Doubt, Grid, Text
from giakit.documents.sheets import BLACK, DIGIT, WHITE, is_near
from giakit.errors import UnreadableDocument

# Reads an embedded document, given its bytes and a name.
ReadChunk: TypeAlias = Callable[[bytes, str], Document]
# column -> (anchor, text) of the cells that the row below may continue
_Open: TypeAlias = dict[int, tuple[int, str]]

_WORD_2003 = "http://schemas.microsoft.com/office/word/2003/wordml"
_PREFIXES = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main": "",
    "http://purl.oclc.org/ooxml/wordprocessingml/main": "",
    _WORD_2003: "",
    "http://schemas.microsoft.com/office/word/2003/auxHint": "wx:",
    "http://schemas.microsoft.com/aml/2001/core": "aml:",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc:",
    "http://schemas.openxmlformats.org/officeDocument/2006/math": "m:",
    "http://purl.oclc.org/ooxml/officeDocument/math": "m:",
    "http://schemas.openxmlformats.org/drawingml/2006/main": "a:",
    "http://purl.oclc.org/ooxml/drawingml/main": "a:",
    "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing": "wp:",
    "http://purl.oclc.org/ooxml/drawingml/wordprocessingDrawing": "wp:",
    "http://schemas.openxmlformats.org/drawingml/2006/chart": "c:",
    "http://schemas.openxmlformats.org/drawingml/2006/diagram": "dgm:",
    "http://schemas.microsoft.com/office/word/2010/wordml": "w14:",
    "urn:schemas-microsoft-com:vml": "v:",
    "urn:schemas-microsoft-com:office:office": "o:",
}
_WORD = tuple(f"{{{namespace}}}" for namespace, prefix in _PREFIXES.items() if prefix == "")
# Word 2003 wrote these two in small letters.
_OLD_NAMES = {"vmerge": "vMerge", "hmerge": "hMerge"}
# Extensions of the format that programs of today understand.
_UNDERSTOOD = re.compile(
    r"http://schemas\.microsoft\.com/office/(word|drawing|thememl|webextensions)/20(0\d|1\d|2[0-3])/|urn:schemas-microsoft-com:"
    r"|http://schemas\.openxmlformats\.org/|http://purl\.oclc\.org/ooxml/"
)
_WRAPPERS = frozenset(
    [
        "customXml",
        "smartTag",
        "ins",
        "moveTo",
        "hyperlink",
        "fldSimple",
        "bdo",
        "dir",
        "rubyBase",
        "sdtContent",
        "hlink",
        "aml:content",
        "wx:sect",
        "wx:sub-section",
        "wx:pBdrGroup",
    ]
)
# Most elements by far; asking for them first saves all other questions.
_PLAIN = frozenset(["p", "r", "t", "tr", "tc", "pPr", "rPr", "tcPr", "trPr", "tblPr", "tblGrid"])
_BREAKS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_PICTURES = frozenset(("a:blip", "v:imagedata", "c:chart", "dgm:relIds"))
_FORMULA_PARTS = frozenset(
    f"m:{name}"
    for name in [
        "sSup",
        "sSub",
        "sSubSup",
        "sPre",
        "f",
        "rad",
        "nary",
        "m",
        "eqArr",
        "acc",
        "bar",
        "limLow",
        "limUpp",
        "groupChr",
        "func",
    ]
)
_NOTE_MARK = re.compile(r"[\d\u2460-\u2473*※†‡#\[\]()（）〔〕【】注,，\s]+")
_ONLY_A_NUMBER = re.compile(r"\s*\d[\d,.]*\s*")
_DRAWN_FIELD = re.compile(r"\s*(EQ|SYMBOL|ADVANCE)\b", re.I)
_OFF = frozenset(("0", "false", "off", "none"))
_MAX_CHUNK_DEPTH = 3
# Half-points: below this a run is a speck; from this on a run stands visibly above or below its line.
_TINY = 6
_RAISED = 4
# Per cent of its width below which a run is squeezed to nothing; twentieths of a point below which an exact row shows nothing.
_SQUEEZED = 10
_FLAT = 60

_PASSED_OVER = {
    "hidden": "hidden text passed over: {}",
    "struck": "struck-through text passed over: {}",
    "unseen": "text in the colour of its ground passed over: {}",
    "tiny": "text too small to be seen passed over: {}",
    "mark": "raised note marks passed over: {}",
    "deleted": "tracked deletions passed over: {}",
    "placeholder": "unfilled content controls passed over: {}",
    "covered": "text in cells covered by a vertical merge passed over: {}",
    "row:hidden": "hidden rows passed over: {}",
    "row:deleted": "deleted rows passed over: {}",
    "image": "image",
}
_DOUBTS = {
    "struck": Doubt("digits in it are struck through"),
    "unseen": Doubt("digits in it are written in the colour of their ground", confirmable=True),
    "tiny": Doubt("digits in it are too small to be seen", confirmable=True),
    "deleted": Doubt("digits in it are marked as deleted"),
    "placeholder": Doubt("it shows the prompt of a form"),
    "level": Doubt("digits in it are raised or lowered", confirmable=True),
    "formula": Doubt("it is printed by a formula"),
    "alternatives": Doubt("it says one thing to newer and another to older programs"),
    "box": Doubt("a text box with another figure lies over it"),
    "shape": Doubt("a drawn shape may lie over it", confirmable=True),
    "flat": Doubt("its row is too low to show it"),
}


class _Names(dict[str, str]):
    """Name of an element by its tag: bare for Word's own, ``mc:``, ``a:``, ``v:``… for its neighbours, else ""."""

    def __missing__(self, tag: str) -> str:
        # Comments and processing instructions, whose tag is no string, are left out by `parse_xml`.
        namespace, _, local = tag[1:].partition("}")
        prefix = _PREFIXES.get(namespace)
        name = (
            ""
            if prefix is None
            else prefix + (_OLD_NAMES.get(local, local) if namespace == _WORD_2003 else local)
        )
        if len(self) < 4096:
            self[tag] = name
        return name


_NAMES = _Names()


def name_of(element: etree._Element) -> str:
    """Name of an element, see `_Names`."""
    return _NAMES[element.tag]  # type: ignore[index]


def attribute(element: etree._Element | None, key: str = "val") -> str | None:
    """One of Word's attributes of an element, in the transitional or the strict namespace."""
    if element is None:
        return None
    for namespace in _WORD:
        value = element.get(namespace + key)
        if value is not None:
            return str(value)
    return None


def child(element: etree._Element | None, *path: str) -> etree._Element | None:
    """First descendant along a path of names, or None."""
    for step in path:
        element = (
            next((each for each in element if name_of(each) == step), None) if element is not None else None
        )
    return element


def _stated(element: etree._Element, name: str) -> dict[str, etree._Element]:
    """The properties that an element states in its child of that name, by their names; of equal ones the first."""
    stated: dict[str, etree._Element] = {}
    for each in element:
        if name_of(each) == name:
            for stating in each:
                stated.setdefault(name_of(stating), stating)
            break
    return stated


def _whole(element: etree._Element | None, default: int, key: str = "val") -> int:
    """An attribute as a number; `default` if it is absent or no number."""
    value = attribute(element, key)
    if value is None or not re.fullmatch(r"[+-]?[0-9]{1,9}", value.strip()):
        return default
    return int(value)


def _is_on(toggle: etree._Element | None) -> bool:
    """Whether a switch such as ``<w:vanish/>`` is there and not turned off."""
    return toggle is not None and (attribute(toggle) or "1").lower() not in _OFF


class _Look(NamedTuple):
    """How a run looks, as far as it decides on what is read; None: not said."""

    hidden: bool | None = None
    struck: bool | None = None
    level: str | None = None
    size: int | None = None
    colour: str | None = None
    ground: str | None = None
    tables: bool | None = None

    def over(self, below: _Look) -> _Look:
        """This look where it says something, else the one below."""
        if self is below or below == _NO_LOOK:
            return self
        return _Look(
            **{
                key: value
                for look in (below, self)
                for key, value in look._asdict().items()
                if value is not None
            }
        )

    def hides(self, ground: str) -> str:
        """``hidden``, ``struck``, ``tiny`` or ``unseen`` on that ground, "" for what is seen."""
        if self.hidden:
            return "hidden"
        if self.struck:
            return "struck"
        if self.size is not None and self.size < _TINY:
            return "tiny"
        beneath = self.ground or ground
        # On a dark shading Word turns automatic black to white, on a marker it does not.
        colour = self.colour or (BLACK if beneath == "marker black" else None)
        return (
            "unseen"
            if colour and is_near(colour, beneath.removeprefix("marker ").replace("black", BLACK))
            else ""
        )


_NO_LOOK = _Look()
_MARKERS = {"black": "black", "white": WHITE, "none": ""}


def _fill(shading: etree._Element | None) -> str | None:
    """Colour of a shading; None where it has none of its own."""
    if shading is None:
        return None
    pattern = attribute(shading) or "clear"
    colour = attribute(shading, "color" if pattern == "solid" else "fill")
    if pattern not in ("clear", "nil", "solid"):
        return "pattern"
    if colour is None or colour.lower() == "auto":
        return BLACK if pattern == "solid" else None
    return colour.upper()


def _look_of(properties: etree._Element | None) -> _Look:
    """What a ``<w:rPr>`` says by itself."""
    if properties is None or len(properties) == 0:
        return _NO_LOOK
    stated: dict[str, bool | str | int | None] = {}
    for each in properties:
        name = name_of(each)
        if name == "vanish":
            stated["hidden"] = _is_on(each)
        elif name in ("strike", "dstrike"):
            stated["struck"] = bool(stated.get("struck")) or _is_on(each)
        elif name == "vertAlign":
            stated["level"] = {"superscript": "raised", "subscript": "lowered"}.get(attribute(each) or "", "")
        elif name == "position":
            height = _whole(each, 0)
            if abs(height) >= _RAISED:
                stated["level"] = "raised" if height > 0 else "lowered"
        elif name == "sz":
            stated["size"] = min(
                _whole(each, 21), stated["size"] if isinstance(stated.get("size"), int) else 1 << 20
            )  # type: ignore[type-var]
        elif name == "w" and _whole(each, 100) < _SQUEEZED:
            stated["size"] = 0
        elif name == "color":
            colour = attribute(each) or "auto"
            stated["colour"] = "" if colour.lower() == "auto" else colour.upper()
        elif name == "highlight":
            marker = attribute(each) or "none"
            stated["ground"] = f"marker {_MARKERS.get(marker, marker)}" if marker != "none" else None
        elif name == "shd":
            stated.setdefault("ground", _fill(each))
        elif name in ("w14:textFill", "w14:props3d") and child(each, "w14:noFill") is not None:
            stated["size"] = 0
    return _Look(**stated)  # type: ignore[arg-type]


def _read_styles(root: etree._Element | None) -> dict[str, _Look]:
    """Looks of all styles of a ``styles.xml``, what they are based on included.

    `tables` of a look says that the style paints cells, so that the ground under their text is not known.
    """
    looks: dict[str, _Look] = {}
    based: dict[str, str] = {}
    for style in root if root is not None else ():
        key = attribute(style, "styleId")
        if name_of(style) == "style" and key:
            look = _look_of(child(style, "rPr"))
            shading = _fill(child(style, "pPr", "shd"))
            paints = attribute(style, "type") == "table" and any(
                name_of(each) == "shd" for each in style.iter()
            )
            looks[key] = look._replace(ground=look.ground or shading, tables=paints or None)
            based[key] = attribute(child(style, "basedOn")) or ""
    resolved: dict[str, _Look] = {}
    for key in looks:
        chain: dict[str, None] = {}
        while key in looks and key not in resolved and key not in chain:
            chain[key] = None
            key = based[key]
        below = resolved.get(key, _NO_LOOK)
        for each in reversed(chain):
            below = resolved[each] = looks[each].over(below)
    return resolved


class _Paragraph:
    """What a paragraph shows: its text, the text boxes anchored in it (no part of it), whether its end was deleted so that the
    next one continues it, and whether text of it was hidden."""

    __slots__ = ("boxes", "hid", "joins_next", "level", "parts")

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.boxes: list[etree._Element] = []
        self.joins_next = False
        self.hid = False
        self.level = ""

    @property
    def text(self) -> str:
        return "".join(self.parts)


class _Reader:
    """Turns the stories of one document (body, header, note) into blocks.

    `passed_over` counts what is left out; `doubt` is the last one raised, taken by the cell or text that is being read.
    """

    def __init__(
        self, *, styles: dict[str, _Look], chunk: Callable[[str], list[Block]], name: str, limits: Limits
    ) -> None:
        self.passed_over: Counter[str] = Counter()
        self.doubts: list[str] = []
        self._styles = styles
        self._chunk = chunk
        self._name = name
        self._limits = limits
        self._doubt: Doubt | None = None
        self._ground = WHITE
        self._depth = 0
        self._cells = 0
        self._counted: Counter[str] = Counter()

    def blocks(self, container: etree._Element, where: str = "") -> list[Block]:
        """Blocks of an element that holds paragraphs and tables; `where` its paragraphs stand, "" counts them.

        Paragraphs without text are left out.
        """
        self._deeper()
        blocks: list[Block] = []
        begun = ""
        for each in self._contents(container):
            name = name_of(each)
            if name == "p":
                self._doubt = None
                paragraph = self._paragraph(each)
                doubt = self._doubt
                place = where or f"paragraph {self._next('paragraph')}"
                begun += paragraph.text
                if not paragraph.joins_next:
                    blocks.extend(_text(begun, place, doubt))
                    begun = ""
                for box in paragraph.boxes:
                    inside = self.blocks(box, f"text box {self._next('text box')}")
                    text = " ".join(block.text for block in inside if isinstance(block, Text))
                    if not where and len(inside) == 1 and _ONLY_A_NUMBER.fullmatch(text):
                        self.doubts.append(f"a text box that may lie over a table says {text.strip()!r}")
                    blocks.extend(inside)
            elif name == "tbl":
                blocks.extend(self._table(each))
            elif name == "altChunk":
                blocks.extend(self._chunk(_relationship(each)))
        blocks.extend(_text(begun, where))
        self._depth -= 1
        return blocks

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > self._limits.max_depth:
            raise UnreadableDocument(self._name, "its tables or text boxes are nested too deeply")

    def _next(self, kind: str) -> int:
        self._counted[kind] += 1
        return self._counted[kind]

    def _pass_over(self, kind: str, text: str) -> None:
        """Leave text out; digits that go so cast doubt on those that stay."""
        self.passed_over[kind] += 1
        if kind in _DOUBTS and DIGIT.search(text):
            self._doubt = _DOUBTS[kind]

    def _contents(self, element: etree._Element) -> Iterator[etree._Element]:
        """Children of an element once revisions are accepted and wrappers are opened.

        Insertions, links, content controls and smart tags are replaced by what they hold; of alternatives that say the same in
        several ways the first that programs understand is taken.
        """
        for each in element:
            name = _NAMES[each.tag]  # type: ignore[index]
            if name in _PLAIN:
                yield each
            elif name in _WRAPPERS:
                yield from self._contents(each)
            elif name == "mc:AlternateContent":
                yield from self._alternative(each)
            elif name == "sdt":
                yield from self._content_control(each)
            elif name in ("del", "moveFrom") or (
                name == "aml:annotation" and (attribute(each, "type") or "").endswith(("Deletion", "Comment"))
            ):
                # What was moved or commented stands elsewhere as it is.
                self._pass_over(
                    "deleted",
                    _all_text(each)
                    if "Comment" not in str(attribute(each, "type")) and name != "moveFrom"
                    else "",
                )
            elif name == "aml:annotation":
                yield from self._contents(each)
            elif name == "ruby":
                base = child(each, "rubyBase")
                yield from self._contents(base) if base is not None else ()
            else:
                yield each

    def _content_control(self, element: etree._Element) -> Iterator[etree._Element]:
        content = child(element, "sdtContent")
        if content is None:
            return
        prompt = _is_on(child(element, "sdtPr", "showingPlcHdr"))
        # "Click here to enter text" is no content; but where it fills cells, the cells must stay.
        if prompt and not any(name_of(each) in ("tr", "tc") for each in content):
            self._pass_over("placeholder", _all_text(content))
            return
        yield from self._contents(content)

    def _alternative(self, element: etree._Element) -> Iterator[etree._Element]:
        options = [each for each in element if name_of(each) == "mc:Choice"]
        understood = [
            option
            for option in options
            if all(
                _UNDERSTOOD.match(option.nsmap.get(prefix, "") or "")
                for prefix in (option.get("Requires") or "").split()
            )
        ]
        fallback = [each for each in element if name_of(each) == "mc:Fallback"]
        choices = understood + fallback
        figures = {tuple(DIGIT.findall(_all_text(option))) for option in choices if len(option)}
        if len(figures) > 1:
            self._doubt = _DOUBTS["alternatives"]
        if choices:
            yield from self._contents(choices[0])

    def _paragraph(self, element: etree._Element) -> _Paragraph:
        """What a ``<w:p>`` shows."""
        paragraph = _Paragraph()
        fields: list[bool] = []
        base, ground = _NO_LOOK, self._ground
        for each in self._contents(element):
            name = name_of(each)
            if name == "r":
                self._run(each, base, ground, fields, paragraph)
            elif name == "pPr":
                for stated in each:
                    what = name_of(stated)
                    if what == "pStyle":
                        base = self._styles.get(attribute(stated) or "", _NO_LOOK)
                    elif what == "shd":
                        ground = _fill(stated) or ground
                    elif what == "rPr":
                        paragraph.joins_next = child(stated, "del") is not None
            elif name in ("m:oMath", "m:oMathPara"):
                self._formula(each, paragraph)
        return paragraph

    def _formula(self, element: etree._Element, paragraph: _Paragraph) -> None:
        texts = [part.text or "" for part in element.iter() if name_of(part) == "m:t"]
        drawn = any(name_of(part) in _FORMULA_PARTS for part in element.iter())
        paragraph.parts.append(("^" if drawn else "").join(texts))
        if drawn and any(map(DIGIT.search, texts)):
            self._doubt = _DOUBTS["formula"]

    def _run(
        self, run: etree._Element, base: _Look, ground: str, fields: list[bool], paragraph: _Paragraph
    ) -> None:
        """Append what a run shows; `fields` holds for each open field whether its code is still going on."""
        look, texts, custom_mark = base, [], False
        for each in self._contents(run):
            name = name_of(each)
            if name == "t":
                texts.append(each.text or "")
            elif name == "rPr":
                style = attribute(child(each, "rStyle"))
                look = (
                    _look_of(each).over(self._styles.get(style, _NO_LOOK) if style else _NO_LOOK).over(base)
                )
            elif name == "r":  # the base text of a ruby
                texts.extend(text.text or "" for text in each.iter() if name_of(text) == "t")
            elif name in _BREAKS:
                texts.append(_BREAKS[name])
            elif name == "sym":
                texts.append(_symbol(each))
            elif name in ("drawing", "pict", "object"):
                self._graphic(each, paragraph)
            elif name == "fldChar":
                _turn_field(attribute(each, "fldCharType"), fields)
                if attribute(each, "fldCharType") == "begin":
                    paragraph.parts.append(_selected(each))
            elif (
                name == "instrText" and _DRAWN_FIELD.match(each.text or "") and DIGIT.search(each.text or "")
            ):
                self._doubt = _DOUBTS["formula"]
            elif name in ("footnoteReference", "endnoteReference"):
                custom_mark = custom_mark or (attribute(each, "customMarkFollows") or "0").lower() not in _OFF
        text = "".join(texts)
        if not text or any(fields) or custom_mark:
            return
        why = "" if look is _NO_LOOK else look.hides(ground)
        if why:
            self._pass_over(why, text)
            paragraph.hid = paragraph.hid or why == "hidden"
        else:
            self._append(text, look.level or "", paragraph)

    def _append(self, text: str, level: str, paragraph: _Paragraph) -> None:
        """Add what is seen; a raised mark after text is left out, but never where a digit before it could be meant to go on."""
        before = paragraph.text
        if before[-1:].isnumeric() and DIGIT.match(text) and level != paragraph.level:
            self._doubt = _DOUBTS["level"]
        paragraph.level = level
        if not level or not before.strip():
            paragraph.parts.append(text)
        elif before.rstrip()[-1:].isnumeric() and (level == "raised" or DIGIT.search(text)):
            paragraph.parts.append(text if text.strip()[:1] in "[(（〔【" else f"[{text.strip()}]")
        elif level == "raised" and _NOTE_MARK.fullmatch(text):
            self.passed_over["mark"] += 1
        else:
            paragraph.parts.append(text)

    def _graphic(self, element: etree._Element, paragraph: _Paragraph) -> None:
        for each in self._contents(element):
            name = name_of(each)
            if name == "txbxContent":
                paragraph.boxes.append(each)
            elif name in _PICTURES:
                self.passed_over["image"] += 1
            elif name == "o:OLEObject":
                self.passed_over[f"object:{each.get('ProgID', 'unknown')}"] += 1
            elif name == "wp:docPr" and (each.get("hidden") or "0").lower() not in _OFF:
                self.passed_over["hidden"] += 1
                return
            else:
                if (
                    name == "wp:anchor"
                    and each.get("behindDoc") != "1"
                    and child(each, "wp:wrapNone") is not None
                ):
                    self._doubt = self._doubt or _DOUBTS["shape"]
                self._graphic(each, paragraph)

    def _table(self, table: etree._Element) -> list[Block]:
        rows = [
            (row, [cell for cell in self._contents(row) if name_of(cell) == "tc"])
            for row in self._contents(table)
            if name_of(row) == "tr"
        ]
        if next(table.iterdescendants(str(table.tag)), None) is not None and self._is_frame(
            [cells for _, cells in rows]
        ):
            # Its content in reading order is worth more than its one column.
            return [block for _, cells in rows for cell in cells for block in self.blocks(cell)]
        where = f"table {self._next('table')}"
        around, stated = self._ground, _stated(table, "tblPr")
        paints = self._styles.get(attribute(stated.get("tblStyle")) or "", _NO_LOOK).tables
        self._ground = _fill(stated.get("shd")) or ("style" if paints else around)
        builder = GridBuilder(self._limits, self._name)
        doubts: dict[int, Doubt] = {}
        inner: list[Block] = []
        still_open: _Open = {}
        for row, cells in rows:
            properties = _stated(row, "trPr")
            if "del" in properties:
                self.passed_over["row:deleted"] += 1
            else:
                still_open = self._row(properties, cells, builder, doubts, still_open, inner)
        self._ground = around
        grid = builder.build(where, ragged=True, doubts=doubts)
        if not grid.rows:
            return inner
        self.count(len(grid.rows) * len(grid.rows[0]))
        return [grid, *inner]

    def count(self, cells: int) -> None:
        """Count what was read against the limit."""
        self._cells += cells
        check_cells(self._name, self._cells, self._limits)

    def _row(
        self,
        stated: dict[str, etree._Element],
        cells: list[etree._Element],
        builder: GridBuilder,
        doubts: dict[int, Doubt],
        above: _Open,
        inner: list[Block],
    ) -> _Open:
        """Place the cells of one row; returns what the next row may continue."""
        properties = [_stated(cell, "tcPr") for cell in cells]
        kept = [(cell, each) for cell, each in zip(cells, properties, strict=True) if "cellDel" not in each]
        self.passed_over["deleted"] += len(cells) - len(kept)
        read = [self._cell(cell, each) for cell, each in kept]
        if any(hid for _, _, _, hid in read) and not any(text or more for text, more, _, _ in read):
            self.passed_over["row:hidden"] += 1
            return above
        height = stated.get("trHeight")
        flat = attribute(height, "hRule") == "exact" and _whole(height, _FLAT) < _FLAT
        builder.row()
        column = min(max(_whole(stated.get("gridBefore"), 0), 0), MAX_COLSPAN)
        below: _Open = {}
        left: tuple[int, str] | None = None
        for (_, each), (text, more, doubt, _) in zip(kept, read, strict=True):
            span = min(max(_whole(each.get("gridSpan"), 1), 1), MAX_COLSPAN)
            vertical = _merge(each) if "vMerge" in each or "cellMerge" in each else ""
            master = above.get(column) if vertical == "continue" else None
            if left is not None and attribute(each.get("hMerge")) == "continue":
                master = left
            if master is not None:
                if text and text != master[1]:
                    self.passed_over["covered"] += 1
                builder.cell(master[1], colspan=span, at=column, join=master[0])
            else:
                master = (builder.cell(text, colspan=span, at=column), text)
                if flat and DIGIT.search(text):
                    doubt = _DOUBTS["flat"]
                if doubt is not None:
                    doubts[master[0]] = doubt
            inner.extend(more)
            if vertical:
                below[column] = master
            left = master
            column += span
        return below

    def _cell(
        self, cell: etree._Element, stated: dict[str, etree._Element]
    ) -> tuple[str, list[Block], Doubt | None, bool]:
        """Text of a cell, the blocks in it that are not its text, its doubt, and whether something was hidden."""
        self._deeper()
        around = self._ground
        if "shd" in stated:
            self._ground = _fill(stated["shd"]) or around
        self._doubt = None
        lines: list[str] = []
        inner: list[Block] = []
        boxes: list[Block] = []
        joins, hid = False, False
        for each in self._contents(cell):
            name = name_of(each)
            if name == "p":
                paragraph = self._paragraph(each)
                if joins and lines:
                    lines[-1] += paragraph.text
                else:
                    lines.append(paragraph.text)
                joins, hid = paragraph.joins_next, hid or paragraph.hid
                for box in paragraph.boxes:
                    doubt = self._doubt
                    boxes.extend(self.blocks(box, f"text box {self._next('text box')}"))
                    self._doubt = doubt
            elif name == "tbl":
                doubt = self._doubt
                nested = self._table(each)
                single = _single_text(nested)
                self._doubt = doubt
                if single is None:
                    inner.extend(nested)
                else:
                    lines.append(single)
            elif name == "altChunk":
                inner.extend(self._chunk(_relationship(each)))
        self._depth -= 1
        self._ground = around
        doubt = self._doubt
        text = "\n".join(lines).strip("\n")
        if boxes and all(isinstance(block, Text) for block in boxes):
            boxed = "\n".join(block.text for block in boxes if isinstance(block, Text))
            # A text box over an empty cell (a slanted header, a figure laid over it) is what the cell shows.
            if not text.strip():
                return boxed, inner, None if doubt is _DOUBTS["shape"] else doubt, hid
            if DIGIT.search(boxed) and DIGIT.search(text):
                doubt = _DOUBTS["box"]
        if doubt is _DOUBTS["shape"] and not DIGIT.search(text):
            doubt = None
        return text, [*inner, *boxes], doubt, hid

    def _is_frame(self, rows: list[list[etree._Element]]) -> bool:
        """Whether a table only frames other tables: each row has at most one cell with anything in it."""
        if not any(name_of(each) == "tbl" for cells in rows for cell in cells for each in cell.iter()):
            return False
        return all(sum(map(_is_filled, cells)) <= 1 for cells in rows)


def _all_text(element: etree._Element) -> str:
    return "".join(each.text or "" for each in element.iter() if name_of(each) in ("t", "delText"))


def _relationship(element: etree._Element) -> str:
    """The ``r:id`` of an element, whatever namespace `r` is."""
    return next((str(value) for key, value in element.attrib.items() if str(key).endswith("}id")), "")


def _text(text: str, where: str, doubt: Doubt | None = None) -> list[Block]:
    return [Text(text, where, doubt)] if text.strip() else []


def _is_filled(cell: etree._Element) -> bool:
    return any(
        name_of(each) == "tbl" or (name_of(each) == "t" and (each.text or "").strip()) for each in cell.iter()
    )


def _single_text(blocks: list[Block]) -> str | None:
    """Text of a nested table that is no more than a frame around one text."""
    if len(blocks) == 1 and isinstance(blocks[0], Grid):
        rows = blocks[0].rows
        if len(rows) == 1 and len(rows[0]) == 1:
            return rows[0][0]
    return None


def _merge(properties: dict[str, etree._Element]) -> str:
    """``restart``, ``continue`` or "": how a cell takes part in a vertical merge."""
    merge = properties.get("vMerge")
    if merge is None:
        tracked = attribute(properties.get("cellMerge"), "vMerge")
        return {"cont": "continue", "rest": "restart"}.get(tracked or "", "")
    return "restart" if attribute(merge) == "restart" else "continue"


def _turn_field(kind: str | None, fields: list[bool]) -> None:
    if kind == "begin":
        fields.append(True)
    elif kind == "separate" and fields:
        fields[-1] = False
    elif kind == "end" and fields:
        fields.pop()


def _selected(field: etree._Element) -> str:
    """The entry that a form's drop-down list shows, "" for any other field."""
    choices = child(field, "ffData", "ddList")
    if choices is None:
        return ""
    entries = [attribute(each) or "" for each in choices if name_of(each) == "listEntry"]
    number = _whole(child(choices, "result"), _whole(child(choices, "default"), 0))
    return entries[number] if 0 <= number < len(entries) else ""


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


def read_docx(
    data: bytes, *, name: str, limits: Limits = DEFAULT_LIMITS, read_chunk: ReadChunk | None = None
) -> Document:
    """Read a Word file.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        Its name, for errors and `Document.name`.
    limits : Limits
        What it may cost.
    read_chunk : callable, optional
        Reads what the file embeds as a whole (``altChunk``: HTML, MHT, text), given bytes and a name.
        Embedded Word files are read without it; others are noted if it is absent.

    Returns
    -------
    Document
        `format` is ``docx``; `title` is that of the core properties; `metadata` has ``header``, ``footer``,
        ``created`` and ``modified`` where the file has them. Footnotes and endnotes follow the body.

    Raises
    ------
    UnreadableDocument
        If the file is no Word file, damaged, encrypted, or beyond the limits.
    """
    return _read(data, name, limits, read_chunk, 0)


def _read(data: bytes, name: str, limits: Limits, read_chunk: ReadChunk | None, depth: int) -> Document:
    if is_ole(data):
        raise UnreadableDocument(name, "no docx: an encrypted Office file or one of the old binary formats")
    archive = Archive(data, name=name, limits=limits)
    main = _main_part(archive)
    body = child(archive.xml(main), "body")
    if body is None:
        raise UnreadableDocument(name, f"{main} is no Word document")
    relationships = {each.id: each for each in archive.relationships(main)}
    chunk_notes: list[str] = []

    def optional(kind: str) -> etree._Element | None:
        part = next((each.target for each in relationships.values() if each.kind == kind), "")
        return archive.xml(part) if part and part in archive else None

    @cache
    def embedded(key: str) -> Document | str:
        return _read_chunk(archive, relationships.get(key), name, limits, read_chunk, depth)

    def chunk(key: str) -> list[Block]:
        document = embedded(key)
        if isinstance(document, str):
            chunk_notes.append(document)
            return []
        chunk_notes.extend(document.notes)
        reader.doubts.extend(document.doubts)
        for block in document.blocks:
            reader.count(len(block.text) if isinstance(block, Text) else len(block.rows) * len(block.rows[0]))
        return list(document.blocks)

    reader = _Reader(styles=_read_styles(optional("styles")), chunk=chunk, name=name, limits=limits)
    blocks = reader.blocks(body)
    for kind in ("footnotes", "endnotes"):
        notes = optional(kind)
        for note in notes if notes is not None else ():
            # Separators have a type and no text of their own.
            if name_of(note) == kind[:-1] and attribute(note, "type") in (None, "normal"):
                blocks.extend(reader.blocks(note, f"{kind[:-1]} {attribute(note, 'id') or ''}".strip()))
    metadata = _core_properties(archive)
    title = metadata.pop("title", "")
    for kind in ("header", "footer"):
        parts = [
            each.target for each in relationships.values() if each.kind == kind and each.target in archive
        ]
        lines = [
            line for part in parts for line in _lines(reader.blocks(archive.xml(part), "header or footer"))
        ]
        if lines:
            metadata[kind] = "\n".join(dict.fromkeys(lines))
    return Document(
        name=name,
        format="docx",
        blocks=tuple(blocks),
        title=title,
        metadata=metadata,
        notes=(*_notes_on(reader.passed_over), *dict.fromkeys(chunk_notes)),
        doubts=tuple(dict.fromkeys(reader.doubts)),
    )


def _main_part(archive: Archive) -> str:
    for each in archive.relationships():
        if each.kind == "officeDocument" and each.target in archive:
            return each.target
    if "word/document.xml" in archive:
        return "word/document.xml"
    if "EncryptedPackage" in archive or "EncryptionInfo" in archive:
        raise UnreadableDocument(archive.name, "encrypted: it opens only with its password")
    raise UnreadableDocument(archive.name, "a zip without word/document.xml, so no Word document")


def _read_chunk(
    archive: Archive,
    link: Relationship | None,
    name: str,
    limits: Limits,
    read_chunk: ReadChunk | None,
    depth: int,
) -> Document | str:
    """An embedded document, or a note on why it was not read."""
    if link is None or link.external or link.target not in archive:
        return "an embedded document is missing from the file"
    if depth >= _MAX_CHUNK_DEPTH:
        return f"embedded document not read: {link.target} (embedded too deeply)"
    data = archive.read(link.target)
    if data[:2] == b"PK":
        return _read(data, name, limits, read_chunk, depth + 1)
    if read_chunk is None:
        return f"embedded document not read: {link.target}"
    return read_chunk(data, f"{name}/{link.target}")


def _lines(blocks: list[Block]) -> list[str]:
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, Text):
            lines.append(block.text.strip())
        else:
            lines.extend(" ".join(dict.fromkeys(row)).strip() for row in block.rows)
    return [line for line in lines if line]


def _core_properties(archive: Archive) -> dict[str, str]:
    part = next((each.target for each in archive.relationships() if each.kind == "core-properties"), "")
    part = part or "docProps/core.xml"
    if part not in archive:
        return {}
    root = archive.xml(part)
    stated = {key: (root.findtext(f"{{*}}{key}") or "").strip() for key in ("title", "created", "modified")}
    return {key: value for key, value in stated.items() if value}


def _notes_on(passed_over: Counter[str]) -> list[str]:
    """What a reader should know was left out."""
    notes = [text.format(passed_over[key]) for key, text in _PASSED_OVER.items() if passed_over[key]]
    objects = sorted(key.partition(":")[2] for key in passed_over if key.startswith("object:"))
    return notes + [f"embedded object not read: {kind}" for kind in objects]


_PACKAGE = "{http://schemas.microsoft.com/office/2006/xmlPackage}"


def is_word_xml(data: bytes) -> bool:
    """Whether bytes are a Word document in a single XML file: Word 2003 XML or a flat package, often named .doc or .xml.

    >>> is_word_xml(b'<w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml">'), is_word_xml(b"<html>")
    (True, False)
    """
    head = data[:8192]
    return b"<html" not in head.lower() and any(
        mark.encode() in head for mark in (_WORD_2003, _PACKAGE[1:-1])
    )


def read_word_xml(data: bytes, *, name: str, limits: Limits = DEFAULT_LIMITS) -> Document:
    """Read a Word document in a single XML file, whose vocabulary is almost that of .docx.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        Its name, for errors and `Document.name`.
    limits : Limits
        What it may cost.

    Returns
    -------
    Document
        `format` is ``word-xml``.

    Raises
    ------
    UnreadableDocument
        If the file is no such document, damaged, or beyond the limits.
    """
    root = parse_xml(data, name, limits)
    if root.tag == f"{_PACKAGE}package":
        document = read_docx(_as_zip(root, name), name=name, limits=limits)
        return dataclasses.replace(document, format="word-xml")
    body = child(root, "body")
    if name_of(root) != "wordDocument" or body is None:
        raise UnreadableDocument(name, "an XML file that is no Word document")
    reader = _Reader(styles=_read_styles(child(root, "styles")), chunk=lambda _: [], name=name, limits=limits)
    title = root.findtext("{urn:schemas-microsoft-com:office:office}DocumentProperties/{*}Title") or ""
    return Document(
        name=name,
        format="word-xml",
        blocks=tuple(reader.blocks(body)),
        title=title.strip(),
        notes=tuple(_notes_on(reader.passed_over)),
        doubts=tuple(dict.fromkeys(reader.doubts)),
    )


def _as_zip(root: etree._Element, name: str) -> bytes:
    """A flat package as the zip it stands for."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for part in root.iterfind(f"{_PACKAGE}part"):
            path = part.get(f"{_PACKAGE}name", "").lstrip("/")
            content = part.find(f"{_PACKAGE}xmlData")
            try:
                if path and content is not None and len(content):
                    archive.writestr(path, etree.tostring(content[0]))
                elif path:
                    archive.writestr(path, base64.b64decode(part.findtext(f"{_PACKAGE}binaryData") or ""))
            except (ValueError, OSError) as error:
                raise UnreadableDocument(name, f"the part {path} is damaged ({error})") from None
    return out.getvalue()
