"""Stories of a Word document (body, header, note): its paragraphs, tables and text boxes as blocks in reading order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TypeAlias

from lxml import etree

from giakit.documents.appearance import DIGIT, WHITE
from giakit.documents.grid import MAX_COLSPAN, GridBuilder
from giakit.documents.limits import Limits, check_cells
from giakit.documents.model import Block, Doubt, Grid, Text
from giakit.documents.wordml import (
    NAMES,
    NO_LOOK,
    OFF,
    Look,
    attribute,
    child,
    fill_of,
    is_numbered,
    is_on,
    layered,
    look_of,
    name_of,
    stated_in,
    whole_number,
)
from giakit.errors import UnreadableDocument

# column -> (anchor, text) of the cells that the row below may continue
_Open: TypeAlias = dict[int, tuple[int, str]]

# Extensions of the format that programs of today understand.
_UNDERSTOOD = re.compile(
    r"http://schemas\.microsoft\.com/office/(word|drawing|thememl|webextensions)/20(0\d|1\d|2[0-3])/|urn:schemas-microsoft-com:"
    r"|http://schemas\.openxmlformats\.org/|http://purl\.oclc\.org/ooxml/"
)
_WRAPPERS = frozenset([
    "customXml", "smartTag", "ins", "moveTo", "hyperlink", "fldSimple", "dir", "rubyBase", "sdtContent", "hlink",
    "aml:content", "wx:sect", "wx:sub-section", "wx:pBdrGroup",
])  # fmt: skip
# Most elements by far; asking for them first saves all other questions.
_PLAIN = frozenset(["p", "r", "t", "tr", "tc", "pPr", "rPr", "tcPr", "trPr", "tblPr", "tblGrid"])
_BREAKS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_COUNTED = frozenset(["pgNum", "dayShort", "dayLong", "monthShort", "monthLong", "yearShort", "yearLong"])
_PICTURES = frozenset(("a:blip", "v:imagedata", "c:chart", "dgm:relIds"))
_FORMULA_PARTS = frozenset([
    "m:sSup", "m:sSub", "m:sSubSup", "m:sPre", "m:f", "m:rad", "m:nary", "m:m", "m:eqArr", "m:acc", "m:bar",
    "m:limLow", "m:limUpp", "m:groupChr", "m:func", "m:d", "m:phant", "m:borderBox",
])  # fmt: skip
_NOTE_MARK = re.compile(r"[\d\u2460-\u2473*※†‡#\[\]()（）〔〕【】注,，\s]+")
_ONLY_A_NUMBER = re.compile(r"\s*\d[\d,.]*\s*")
_DRAWN_FIELD = re.compile(r"\s*(EQ|SYMBOL|ADVANCE)\b", re.I)
_FLAT = 60
_BACK, _ON = -1500, 10_000
_DOUBTS = {
    "struck": Doubt("digits in it are struck through"),
    "unseen": Doubt("digits in it are written in the colour of their ground", confirmable=True),
    "tiny": Doubt("digits in it are too small to be seen", confirmable=True),
    "deleted": Doubt("digits in it are marked as deleted", confirmable=True),
    "placeholder": Doubt("it shows the prompt of a form"),
    "level": Doubt("digits in it are raised or lowered", confirmable=True),
    "formula": Doubt("it is printed by a formula"),
    "alternatives": Doubt("it says one thing to newer and another to older programs"),
    "box": Doubt("a text box with another figure lies over it"),
    "shape": Doubt("a drawn shape may lie over it", confirmable=True),
    "drawn": Doubt("a drawn shape lies over it"),
    "crowded": Doubt("its digits stand in or over one another"),
    "pictured": Doubt("its font shows pictures in place of digits"),
    "turned": Doubt("its characters may be shown in another order"),
    "moved": Doubt("it may stand outside of its cell"),
    "number": Doubt("Word prints a number of a list before it"),
    "counted": Doubt("Word writes a number into it"),
    "flat": Doubt("its row is too low to show it"),
}


_OVER = (_DOUBTS["shape"], _DOUBTS["drawn"])


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


class StoryReader:
    """Turns the stories of one document (body, header, note) into blocks.

    `passed_over` counts what is left out; `doubt` is the last one raised, taken by the cell or text that is being read.
    """

    def __init__(
        self, *, styles: dict[str, Look], chunk: Callable[[str], list[Block]], name: str, limits: Limits
    ) -> None:
        self.passed_over: Counter[str] = Counter()
        self.doubts: list[str] = []
        self._styles = styles
        self._chunk = chunk
        self._name = name
        self._limits = limits
        self._doubt: Doubt | None = None
        self._ground = WHITE
        self._usual = styles.get("", NO_LOOK)
        self._of_table = NO_LOOK
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
            name = NAMES[each.tag]  # type: ignore[index]
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
                    _all_text(each) if "Comment" not in str(attribute(each, "type")) and name != "moveFrom" else "",
                )
            elif name == "aml:annotation":
                yield from self._contents(each)
            elif name == "bdo":
                if attribute(each) == "rtl" and DIGIT.search(_all_text(each)):
                    self._doubt = _DOUBTS["turned"]
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
        prompt = is_on(child(element, "sdtPr", "showingPlcHdr"))
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
        base, ground = layered(self._usual, self._of_table), self._ground
        numbered: bool | None = None
        placed = ""
        for each in self._contents(element):
            name = name_of(each)
            if name == "r":
                self._run(each, base, ground, fields, paragraph)
            elif name == "pPr":
                for stated in each:
                    what = name_of(stated)
                    if what == "pStyle":
                        base = layered(self._styles.get(attribute(stated) or "", NO_LOOK), base)
                    elif what == "shd":
                        ground = fill_of(stated) or ground
                    elif what == "numPr":
                        numbered = is_numbered(stated)
                    elif what == "spacing" and attribute(stated, "lineRule") == "exact":
                        placed = "flat" if whole_number(stated, _FLAT, "line") < _FLAT else placed
                    elif what == "framePr" or (what == "ind" and _is_far_in(stated)):
                        placed = "moved"
                    elif what == "rPr":
                        paragraph.joins_next = child(stated, "del") is not None
            elif name in ("m:oMath", "m:oMathPara"):
                self._formula(each, ground, paragraph)
        if numbered or (base.numbered and numbered is None):
            placed = "number" if _ONLY_A_NUMBER.fullmatch(paragraph.text) else placed
        if placed and DIGIT.search(paragraph.text):
            self._doubt = _DOUBTS[placed]
        return paragraph

    def _formula(self, element: etree._Element, ground: str, paragraph: _Paragraph) -> None:
        texts = []
        for part in element.iter():
            if name_of(part) == "m:r":
                text = "".join(each.text or "" for each in part if name_of(each) == "m:t")
                why = look_of(child(part, "rPr")).hides(ground)
                if why:
                    self._pass_over(why, text)
                else:
                    texts.append(text)
        drawn = any(name_of(part) in _FORMULA_PARTS for part in element.iter())
        paragraph.parts.append(("^" if drawn else "").join(texts))
        if drawn and any(map(DIGIT.search, texts)):
            self._doubt = _DOUBTS["formula"]

    def _run(self, run: etree._Element, base: Look, ground: str, fields: list[bool], paragraph: _Paragraph) -> None:
        """Append what a run shows; `fields` holds for each open field whether its code is still going on."""
        look, texts, custom_mark = base, [], False
        for each in self._contents(run):
            name = name_of(each)
            if name == "t":
                texts.append(each.text or "")
            elif name == "rPr":
                style = attribute(child(each, "rStyle"))
                look = layered(look_of(each), self._styles.get(style, NO_LOOK) if style else NO_LOOK, base)
            elif name == "r":  # the base text of a ruby
                texts.extend(text.text or "" for text in each.iter() if name_of(text) == "t")
            elif name in _COUNTED:
                self._doubt = _DOUBTS["counted"]
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
            elif name == "instrText" and _DRAWN_FIELD.match(each.text or "") and DIGIT.search(each.text or ""):
                self._doubt = _DOUBTS["formula"]
            elif name in ("footnoteReference", "endnoteReference"):
                custom_mark = custom_mark or (attribute(each, "customMarkFollows") or "0").lower() not in OFF
        text = "".join(texts)
        if not text or any(fields) or custom_mark:
            return
        why = "" if look is NO_LOOK else look.hides(ground)
        if why:
            self._pass_over(why, text)
            paragraph.hid = paragraph.hid or why == "hidden"
        else:
            self._append(text, look.level or "", paragraph)
            if (look.crowded or look.pictured) and DIGIT.search(text):
                self._doubt = _DOUBTS["crowded" if look.crowded else "pictured"]

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
            elif name == "wp:docPr" and (each.get("hidden") or "0").lower() not in OFF:
                self.passed_over["hidden"] += 1
                return
            else:
                if _lies_over(name, each):
                    # A seal over the figures is a picture that lets them through.
                    pictures = any(name_of(part) in _PICTURES for part in each.iter())
                    self._doubt = self._doubt or _DOUBTS["shape" if pictures else "drawn"]
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
        around, stated = self._ground, stated_in(table, "tblPr")
        outer, style = self._of_table, attribute(stated.get("tblStyle"))
        self._of_table = self._styles.get(style, NO_LOOK) if style else NO_LOOK
        self._ground = fill_of(stated.get("shd")) or ("style" if self._of_table.tables else around)
        builder = GridBuilder(self._limits, self._name)
        doubts: dict[int, Doubt] = {}
        inner: list[Block] = []
        still_open: _Open = {}
        for row, cells in rows:
            properties = stated_in(row, "trPr")
            if "del" in properties:
                self.passed_over["row:deleted"] += 1
            else:
                still_open = self._row(properties, cells, builder, doubts, still_open, inner)
        self._ground, self._of_table = around, outer
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
        properties = [stated_in(cell, "tcPr") for cell in cells]
        kept = [(cell, each) for cell, each in zip(cells, properties, strict=True) if "cellDel" not in each]
        self.passed_over["deleted"] += len(cells) - len(kept)
        read = [self._cell(cell, each) for cell, each in kept]
        if any(hid for _, _, _, hid in read) and not any(text or more for text, more, _, _ in read):
            self.passed_over["row:hidden"] += 1
            return above
        height = stated.get("trHeight")
        flat = attribute(height, "hRule") == "exact" and whole_number(height, _FLAT) < _FLAT
        builder.row()
        column = min(max(whole_number(stated.get("gridBefore"), 0), 0), MAX_COLSPAN)
        below: _Open = {}
        left: tuple[int, str] | None = None
        for (_, each), (text, more, doubt, _) in zip(kept, read, strict=True):
            span = min(max(whole_number(each.get("gridSpan"), 1), 1), MAX_COLSPAN)
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
            self._ground = fill_of(stated["shd"]) or around
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
                return boxed, inner, None if doubt in _OVER else doubt, hid
            if DIGIT.search(boxed) and DIGIT.search(text):
                doubt = _DOUBTS["box"]
        if doubt in _OVER and not DIGIT.search(text):
            doubt = None
        return text, [*inner, *boxes], doubt, hid

    def _is_frame(self, rows: list[list[etree._Element]]) -> bool:
        """Whether a table only frames other tables: each row has at most one cell with anything in it."""
        if not any(name_of(each) == "tbl" for cells in rows for cell in cells for each in cell.iter()):
            return False
        return all(sum(map(_is_filled, cells)) <= 1 for cells in rows)


def _lies_over(name: str, element: etree._Element) -> bool:
    """Whether a drawing is placed freely, in front of the text."""
    if name == "wp:anchor":
        return element.get("behindDoc") != "1" and child(element, "wp:wrapNone") is not None
    style = element.get("style", "").replace(" ", "") if name.startswith("v:") else ""
    return "position:absolute" in style and "z-index:-" not in style


def _is_far_in(indent: etree._Element) -> bool:
    """Whether an indent puts the text beyond any cell."""
    sides = ("left", "right", "start", "end", "firstLine", "hanging")
    return any(not _BACK <= whole_number(indent, 0, side) <= _ON for side in sides)


def _all_text(element: etree._Element) -> str:
    return "".join(each.text or "" for each in element.iter() if name_of(each) in ("t", "delText"))


def _relationship(element: etree._Element) -> str:
    """The ``r:id`` of an element, whatever namespace `r` is."""
    return next((str(value) for key, value in element.attrib.items() if str(key).endswith("}id")), "")


def _text(text: str, where: str, doubt: Doubt | None = None) -> list[Block]:
    return [Text(text, where, doubt)] if text.strip() else []


def _is_filled(cell: etree._Element) -> bool:
    return any(name_of(each) == "tbl" or (name_of(each) == "t" and (each.text or "").strip()) for each in cell.iter())


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
    number = whole_number(child(choices, "result"), whole_number(child(choices, "default"), 0))
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
