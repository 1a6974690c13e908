"""Spreadsheets (.xlsx, .xls, .et, .ods, Excel 2003 XML) as documents: each sheet its name and one grid.

A cell says what the sheet shows: numbers as their format renders them, stored results for formulas, errors as their names
(``#REF!``), dates in ISO form. What is written in the colour of its ground, struck, tiny, under a drawn shape, wider than its
column or in a format that cannot be rendered is doubted. Hidden sheets, rows and columns, and texts under merged cells, are
passed over with a note; `hidden` takes the rows and columns, with a doubt on the document.

python-calamine gives neither the shown text of a cell nor hidden rows and number formats, so .xlsx and .ods are read from their
XML; .xls is read by xlrd, which gives all of them.
"""

from __future__ import annotations

import colorsys
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product
from typing import NamedTuple

from lxml import etree

from giakit.documents.appearance import BLACK, DIGIT, PICTURE_FONT, WHITE, is_near, mixed
from giakit.documents.archive import Archive, is_ole, ole_kind
from giakit.documents.limits import DEFAULT_LIMITS, Limits, check_bytes, check_cells
from giakit.documents.model import Block, Document, Doubt, Text
from giakit.documents.number_formats import COMPARISONS, built_in_format, shown
from giakit.documents.sheets import (
    CONDITIONAL,
    INDEXED,
    MAX_COLUMNS,
    MIXED,
    MOVED,
    PICTURED,
    Place,
    Range,
    Sheet,
    Style,
    covered,
    doubt_of,
    grid_of,
)
from giakit.documents.workbooks import excel_xml_sheets, is_excel_xml, ods_sheets, xls_sheets
from giakit.errors import UnreadableDocument

_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_LONGEST_REFERENCE = len("$ABC$1234567")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
# What a cell of the usual font leaves free at its sides, in signs, and what more it must lack to be cut for certain.
_SIDES = -0.3
# Points of height below which a row shows nothing.
_LOWEST = 4.0

_NARROW = Doubt("its column is too narrow to show it")


def read_spreadsheet(data: bytes, *, name: str, limits: Limits = DEFAULT_LIMITS, hidden: bool = False) -> Document:
    """Read a spreadsheet; what it is is told from the bytes.

    `format` of the document is ``xlsx``, ``xls``, ``ods`` or ``excel-xml``. For each sheet that is shown and says something it has a
    text (its name) and a grid; rows that say nothing are left out. `hides` says whether hidden rows or columns were passed over:
    with `hidden` they are taken.

    Raises
    ------
    UnreadableDocument
        If the file is no spreadsheet, damaged, encrypted, beyond the limits, or an .xlsb.
    """
    check_bytes(name, len(data), limits)
    kind, sheets = _sheets(data, name, limits)
    blocks: list[Block] = []
    notes: list[str] = []
    doubts: list[str] = []
    positions, hides = 0, False
    for sheet in sheets:
        if not sheet.visible:
            if sheet.cells:
                notes.append(f"hidden sheet passed over: {sheet.name}")
            continue
        if hidden and (sheet.hidden_rows or sheet.hidden_columns):
            doubts.append(f"rows or columns that sheet {sheet.name} hides were read")
            sheet.hidden_rows, sheet.hidden_columns = set(), set()
        grid, left_out, passed_over = grid_of(sheet, name=name, limits=limits)
        hides = hides or passed_over > 0
        notes += [*sheet.notes, *left_out]
        if grid is not None:
            positions += len(grid.rows) * len(grid.rows[0])
            check_cells(name, positions, limits)
            blocks += [Text(sheet.name, f"sheet {sheet.name}"), grid]
    return Document(name=name, format=kind, blocks=tuple(blocks), notes=tuple(notes), doubts=tuple(doubts), hides=hides)


def _sheets(data: bytes, name: str, limits: Limits) -> tuple[str, Iterable[Sheet]]:
    if is_ole(data):
        if ole_kind(data) == "encrypted":
            raise UnreadableDocument(name, "encrypted: it opens only with its password")
        return "xls", xls_sheets(data, name, limits)
    if is_excel_xml(data):
        return "excel-xml", excel_xml_sheets(data, name, limits)
    archive = Archive(data, name=name, limits=limits)
    if "xl/workbook.bin" in archive:
        reason = "an .xlsb workbook, whose errors and hidden rows cannot be told; save it as .xlsx"
        raise UnreadableDocument(name, reason)
    if "content.xml" in archive:
        return "ods", ods_sheets(archive, limits)
    return "xlsx", _xlsx(archive, limits)


class _Rule(NamedTuple):
    """A conditional format that changes whether, or how, a number is seen: where, when (None: that is not known), and what."""

    ranges: tuple[Range, ...]
    holds: Callable[[float], bool | None]
    change: dict[str, str]


@dataclass(slots=True)
class _Book:
    """What the sheets of an .xlsx share."""

    texts: list[tuple[str, Doubt | None]]
    styles: list[Style]
    changes: list[dict[str, str]]
    theme: list[str]
    since_1904: bool


def _xlsx(archive: Archive, limits: Limits) -> Iterator[Sheet]:
    """All worksheets in the order of the tabs; charts and macros are left out.

    Stored results stand for formulas; a formula without one is given as its text, ``=SUM(B2:B4)``.
    """
    main = next((each.target for each in archive.relationships() if each.kind == "officeDocument"), "xl/workbook.xml")
    if main not in archive:
        raise UnreadableDocument(archive.name, "a zip without a workbook, so no spreadsheet")
    workbook = archive.xml(main)
    links = {each.id: each for each in archive.relationships(main)}
    parts = {each.kind: each.target for each in links.values() if each.target in archive}
    properties = workbook.find("{*}workbookPr")
    theme = _theme(archive.xml(parts["theme"])) if "theme" in parts else []
    styles = archive.xml(parts["styles"]) if "styles" in parts else None
    book = _Book(
        texts=[_rich_text(item, theme) for item in archive.xml(parts["sharedStrings"]).iterfind("{*}si")]
        if "sharedStrings" in parts
        else [],
        styles=_styles(styles, theme) if styles is not None else [],
        changes=[_change(each, theme) for each in styles.iterfind("{*}dxfs/{*}dxf")] if styles is not None else [],
        theme=theme,
        since_1904=properties is not None and _is_on(properties.get("date1904")),
    )
    for element in workbook.iterfind("{*}sheets/{*}sheet"):
        key = next((value for name, value in element.attrib.items() if str(name).endswith("}id")), "")
        link = links.get(str(key))
        if link is not None and link.kind == "worksheet":
            sheet = Sheet(element.get("name", ""), visible=element.get("state", "visible") == "visible")
            _fill_from_xlsx(sheet, archive.xml(link.target), book, archive.name, limits)
            if sheet.visible:
                for each in archive.relationships(link.target):
                    if each.kind == "drawing" and each.target in archive:
                        _doubt_under_shapes(sheet, archive.xml(each.target))
            yield sheet


def _fill_from_xlsx(sheet: Sheet, root: etree._Element, book: _Book, name: str, limits: Limits) -> None:
    space = str(root.tag)[: str(root.tag).find("}") + 1]
    value_tag, formula_tag, inline_tag = f"{space}v", f"{space}f", f"{space}is"
    view = root.find("{*}sheetViews/{*}sheetView")
    sheet.zeros = view is None or view.get("showZeros") not in ("0", "false")
    rules = _rules(root, book)
    widths = _widths(sheet, root)
    numbers: dict[Place, tuple[float, Style]] = {}
    styles, count = book.styles, len(book.styles)
    unstored = 0
    row_number = -1
    for row in root.iterfind("{*}sheetData/{*}row"):
        stated = row.get("r", "")
        row_number = int(stated) - 1 if stated.isdecimal() and len(stated) < 8 else row_number + 1
        if _is_on(row.get("hidden")) or _is_nothing(row.get("ht"), _LOWEST):
            sheet.hidden_rows.add(row_number)
        column = -1
        for cell in row:
            reference = cell.get("r")
            if reference is None:
                column += 1
            else:
                at = _place(reference)
                column = at[1] if at else column + 1
            value = formula = inline = None
            for child in cell:
                tag = child.tag
                if tag == value_tag:
                    value = child.text or ""
                elif tag == formula_tag:
                    formula = child
                elif tag == inline_tag:
                    inline = child
            if value is None and formula is None and inline is None:
                continue
            place = (row_number, column)
            key = cell.get("s", "0")
            style = styles[int(key)] if key.isdecimal() and int(key) < count else Style()
            kind = cell.get("t", "n")
            if kind == "inlineStr" and inline is not None:
                _keep_rich(sheet, place, _rich_text(inline, []), style)
            elif value is None or (value == "" and kind != "str"):
                if formula is not None:
                    # No one has computed it: it must not pass for a blank cell.
                    sheet.text(place, f"={formula.text or ''}")
                    unstored += 1
            elif kind == "s":
                known = value.isdecimal() and len(value) < 10 and int(value) < len(book.texts)
                # A number that points nowhere is damage.
                _keep_rich(sheet, place, book.texts[int(value)] if known else ("#LOST!", None), style)
            elif kind == "b":
                sheet.text(place, "TRUE" if value == "1" else "FALSE")
            elif kind != "n":
                sheet.text(place, _unescape(value), style)
            else:
                try:
                    number = float(value)
                except ValueError:
                    sheet.text(place, value, style)
                    continue
                sheet.number(place, number, style, since_1904=book.since_1904)
                if rules:
                    numbers[place] = (number, style)
                if widths and column in widths and place not in sheet.doubts:
                    needed = len(sheet.cells.get(place, "")) * style.size + _SIDES
                    if needed > widths[column]:
                        sheet.doubts[place] = _NARROW
        check_cells(name, len(sheet.cells), limits)
    sheet.merges = list(_merges(root))
    for merge in sheet.merges:
        # The cells that are merged have room together.
        if sheet.doubts.get(merge[:2]) is _NARROW and merge[1] < merge[3]:
            del sheet.doubts[merge[:2]]
    if unstored:
        sheet.notes.append(f"sheet {sheet.name}: formulas without a stored result: {unstored}")
    # Each rule is asked of each number: no sheet made for people comes near the limit.
    check_cells(name, len(numbers) * len(rules), limits)
    _apply_rules(sheet, rules, numbers, book.since_1904)


def _keep_rich(sheet: Sheet, place: Place, text: tuple[str, Doubt | None], style: Style) -> None:
    sheet.text(place, text[0], style)
    if text[1] is not None and place in sheet.cells:
        sheet.doubts.setdefault(place, text[1])


def _is_on(value: str | None) -> bool:
    return value in ("1", "true", "on")


def _is_nothing(size: str | None, least: float = 1) -> bool:
    """Whether a height or width leaves nothing to see."""
    try:
        return size is not None and float(size) < least
    except ValueError:
        return False


def _place(reference: str) -> Place | None:
    """Row and column, counted from 0, of a reference such as B7."""
    return _known_place(reference) if len(reference) <= _LONGEST_REFERENCE else None


# The same places come in every workbook.
@lru_cache(maxsize=1 << 14)
def _known_place(reference: str) -> Place | None:
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        return None
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1


def _ranges(references: str) -> Iterator[Range]:
    for reference in references.split():
        first, _, last = reference.partition(":")
        start, end = _place(first), _place(last or first)
        if start and end and start[0] <= end[0] and start[1] <= end[1]:
            yield (*start, *end)


def _merges(root: etree._Element) -> Iterator[Range]:
    for merge in root.iterfind("{*}mergeCells/{*}mergeCell"):
        yield from islice(_ranges(merge.get("ref", "")), 1)


def _widths(sheet: Sheet, root: etree._Element) -> dict[int, float]:
    """Widths in signs of the columns that state one; hidden columns go to the sheet."""
    hidden: list[tuple[int, int]] = []
    widths: dict[int, float] = {}
    for columns in root.iterfind("{*}cols/{*}col"):
        first, last, width = columns.get("min", ""), columns.get("max", ""), columns.get("width")
        if not (first.isdecimal() and last.isdecimal()):
            continue
        start, end = int(first[:6]) - 1, min(int(last[:6]), MAX_COLUMNS) - 1
        if _is_on(columns.get("hidden")) or _is_nothing(width):
            hidden.append((start, end))
        elif _is_on(columns.get("customWidth")) and width is not None and len(widths) < MAX_COLUMNS:
            try:
                widths.update(dict.fromkeys(range(start, end + 1), float(width)))
            except ValueError:
                continue
    sheet.hidden_columns = covered(hidden, MAX_COLUMNS) if hidden else set()
    return widths


def _theme(root: etree._Element) -> list[str]:
    """Colours of a theme in the order in which cells count them: the light one before the dark one."""
    scheme = next(root.iter("{*}clrScheme"), None)
    colours = [
        next((str(each.get("lastClr") or each.get("val")) for each in colour), BLACK)
        for colour in (scheme if scheme is not None else ())
    ]
    return [colours[at] for at in (1, 0, 3, 2)] + colours[4:] if len(colours) > 4 else []


def _colour(element: etree._Element | None, theme: list[str], default: str) -> str:
    """Six hexadecimal digits, or a name that equals only itself where the colour is not known."""
    if element is None or _is_on(element.get("auto")):
        return default
    if (rgb := element.get("rgb")) is not None:
        return rgb[-6:].upper()
    if (index := element.get("indexed", "")).isdecimal():
        return INDEXED.get(int(index[:4]), f"index {index}")
    number = element.get("theme", "")
    if not number.isdecimal():
        return default
    colour = theme[int(number)] if int(number) < len(theme) else {"0": WHITE, "1": BLACK}.get(number, "?")
    try:
        tint = float(element.get("tint", "0"))
        red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4))
    except ValueError:
        return f"theme {number}"
    hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
    light = light * (1 + tint) if tint < 0 else light + (1 - light) * tint
    return "".join(f"{round(part * 255):02X}" for part in colorsys.hls_to_rgb(hue, light, saturation))


_SHARES = {"darkGray": 0.75, "mediumGray": 0.5, "lightGray": 0.25, "gray125": 0.125, "gray0625": 0.0625}


def _ground(fill: etree._Element | None, theme: list[str]) -> str:
    pattern = None if fill is None else fill.find("{*}patternFill")
    if pattern is None:
        return WHITE if fill is None or not len(fill) else "gradient"
    kind = pattern.get("patternType", "solid" if len(pattern) else "none")
    if kind == "none":
        return WHITE
    dots = _colour(pattern.find("{*}fgColor"), theme, BLACK)
    return (
        dots
        if kind == "solid"
        else mixed(dots, _colour(pattern.find("{*}bgColor"), theme, WHITE), _SHARES.get(kind, 0.5))
    )


def _points(font: etree._Element | None) -> float:
    size = None if font is None else font.find("{*}sz")
    try:
        return 11.0 if size is None else float(size.get("val", "11"))
    except ValueError:
        return 11.0


def _is_struck(font: etree._Element) -> bool:
    strike = font.find("{*}strike")
    return strike is not None and strike.get("val", "1") not in ("0", "false")


def _styles(root: etree._Element, theme: list[str]) -> list[Style]:
    """The cell styles in their order."""
    stated = {each.get("numFmtId"): each.get("formatCode", "") for each in root.iterfind("{*}numFmts/{*}numFmt")}
    fonts, fills = root.findall("{*}fonts/{*}font"), root.findall("{*}fills/{*}fill")
    usual = _points(fonts[0]) if fonts else 11.0
    styles = []
    for style in root.iterfind("{*}cellXfs/{*}xf"):
        number = style.get("numFmtId", "0")
        code = stated.get(number) or (built_in_format(int(number)) if number.isdecimal() and len(number) < 9 else "")
        font, fill = _chosen(fonts, style.get("fontId")), _chosen(fills, style.get("fillId"))
        alignment = style.find("{*}alignment")
        shrinks = alignment is not None and _is_on(alignment.get("shrinkToFit"))
        ground = _ground(fill, theme)
        colour = BLACK if font is None else _colour(font.find("{*}color"), theme, BLACK)
        points = _points(font)
        doubt = doubt_of(colour=colour, ground=ground, struck=font is not None and _is_struck(font), points=points)
        name = None if font is None else font.find("{*}name")
        if name is not None and PICTURE_FONT.match(name.get("val", "")):
            doubt = PICTURED
        elif alignment is not None and (alignment.get("horizontal") == "fill" or len(alignment.get("indent", "")) > 2):
            doubt = MOVED
        size = 0.0 if shrinks else points / max(usual, 1.0)
        styles.append(Style(code or "General", doubt, colour, ground, size))
    return styles


def _chosen(elements: list[etree._Element], number: str | None) -> etree._Element | None:
    index = int(number) if number is not None and number.isdecimal() and len(number) < 9 else 0
    return elements[index] if index < len(elements) else None


def _change(style: etree._Element, theme: list[str]) -> dict[str, str]:
    """What a differential style changes of a cell: number format, strike, colour, ground."""
    change = {}
    if (code := style.find("{*}numFmt")) is not None:
        change["code"] = code.get("formatCode", "General")
    if (font := style.find("{*}font")) is not None and _is_struck(font):
        change["struck"] = "1"
    if (colour := style.find("{*}font/{*}color")) is not None:
        change["colour"] = _colour(colour, theme, BLACK)
    if (fill := style.find("{*}fill/{*}patternFill")) is not None:
        # In these a solid fill is painted in its background colour.
        change["ground"] = _colour(fill.find("{*}bgColor"), theme, WHITE)
    return change


def _rules(root: etree._Element, book: _Book) -> list[_Rule]:
    """The conditional formats of a sheet; those that newer programs keep among its extensions state their ranges and styles there."""
    rules: list[_Rule] = []
    for each in root.iter("{*}conditionalFormatting"):
        ranges = tuple(islice(_ranges(each.get("sqref") or each.findtext("{*}sqref") or ""), 64))
        for rule in each.iterfind("{*}cfRule") if ranges else ():
            key, own = rule.get("dxfId", ""), rule.find("{*}dxf")
            if own is not None:
                change = _change(own, book.theme)
            else:
                change = book.changes[int(key)] if key.isdecimal() and int(key) < len(book.changes) else {}
            scale = rule.find("{*}colorScale")
            if any(part.get("showValue") in ("0", "false") for part in rule):
                change = {"code": ";;;"}
            elif scale is not None:
                change = {"grounds": " ".join(_colour(part, book.theme, "") for part in scale.iterfind("{*}color"))}
            if change and len(rules) < 64:
                rules.append(_Rule(ranges, _condition(rule, ranges[0]), change))
    return rules


_OPERATORS = {
    "equal": "=",
    "notEqual": "<>",
    "lessThan": "<",
    "lessThanOrEqual": "<=",
    "greaterThan": ">",
    "greaterThanOrEqual": ">=",
}
_OF_ITSELF = re.compile(r"(\$?[A-Z]{1,3}\$?\d{1,7})\s*(<>|<=|>=|<|>|=)\s*(-?[\d.]+)")
# What hides errors and zeros says nothing of other numbers.
_OF_NOTHING = re.compile(r"=\s*(?:0\b|\"\")|\bIS(?:ERR|NA|BLANK)", re.I)


def _condition(rule: etree._Element, first: Range) -> Callable[[float], bool | None]:
    """When a rule holds for a number."""
    formulas = [(each.text or "").strip() for each in [*rule.iterfind("{*}formula"), *rule.iterfind("{*}f")]]
    kind, how = rule.get("type", ""), rule.get("operator", "")
    if kind in ("dataBar", "iconSet", "colorScale"):
        return lambda value: True
    if kind == "cellIs" and all(re.fullmatch(r"-?\d+\.?\d*", formula) for formula in formulas):
        bounds = [float(formula) for formula in formulas]
        if how in _OPERATORS and bounds:
            return lambda value: COMPARISONS[_OPERATORS[how]](value, bounds[0])
        if how in ("between", "notBetween") and len(bounds) == 2:
            return lambda value: (min(bounds) <= value <= max(bounds)) == (how == "between")
    formula = formulas[0] if len(formulas) == 1 and kind == "expression" else ""
    if formula.upper() in ("TRUE", "FALSE"):
        return lambda value: formula.upper() == "TRUE"
    of_itself = _OF_ITSELF.fullmatch(formula)
    if of_itself and _place(of_itself[1]) == first[:2] and re.fullmatch(r"-?\d+\.?\d*", of_itself[3]):
        return lambda value: COMPARISONS[of_itself[2]](value, float(of_itself[3]))
    if _OF_NOTHING.search(formula):
        return lambda value: None if value == 0 else False
    return lambda value: None


def _apply_rules(sheet: Sheet, rules: list[_Rule], numbers: dict[Place, tuple[float, Style]], since_1904: bool) -> None:
    for place, (value, style) in numbers.items() if rules else ():
        for rule in rules:
            if not any(
                top <= place[0] <= bottom and left <= place[1] <= right for top, left, bottom, right in rule.ranges
            ):
                continue
            change, code = rule.change, rule.change.get("code")
            colour = change.get("colour", style.colour)
            grounds = change.get("grounds", change.get("ground", style.ground)).split(" ")
            unseen = "struck" in change or any(is_near(colour, ground) for ground in grounds)
            holds = rule.holds(value)
            if holds is False or not (unseen or (code is not None and shown(value, code) != shown(value, style.code))):
                continue
            if holds is None or "struck" in change or "grounds" in change:
                sheet.doubts[place] = CONDITIONAL
            else:
                sheet.cells.pop(place, None)
                sheet.doubts.pop(place, None)
                if not unseen:
                    sheet.number(place, value, style._replace(code=str(code)), since_1904=since_1904)
            break


def _doubt_under_shapes(sheet: Sheet, drawing: etree._Element) -> None:
    """Doubts the cells that a drawn shape, picture or chart lies on."""
    for anchor in islice(drawing, 1000):
        shape = next((each for each in anchor if etree.QName(each).localname in _SHAPES), None)
        start, end = _corner(anchor.find("{*}from")), _corner(anchor.find("{*}to"))
        if shape is None or start is None or any(_is_on(each.get("hidden")) for each in shape.iter("{*}cNvPr")):
            continue
        text = "".join(each.text or "" for each in shape.iter("{*}t")).strip()
        outline = next(shape.iter("{*}spPr"), None)
        if not text and outline is not None and outline.find("{*}noFill") is not None:
            continue
        (top, _), (left, _) = start
        # A marker that only touches a cell does not lie on it.
        bottom, right = (
            max(at - (offset < _TOUCH), first) for (at, offset), first in zip(end or start, (top, left), strict=True)
        )
        doubt = Doubt(
            f"a drawn shape lies over it{f': {text[:40]}' if text else ''}", confirmable=not DIGIT.search(text)
        )
        if DIGIT.search(text) and (bottom - top + 1) * (right - left + 1) <= 100:
            for place in product(range(top, bottom + 1), range(left, right + 1)):
                sheet.doubts[place] = doubt
        else:
            for place, said in sheet.cells.items():
                if top <= place[0] <= bottom and left <= place[1] <= right and DIGIT.search(said):
                    sheet.doubts[place] = doubt


_SHAPES = frozenset(("sp", "pic", "graphicFrame", "cxnSp", "grpSp", "AlternateContent"))
_TOUCH = 30_000


def _corner(marker: etree._Element | None) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Row and column of a marker, each with its offset."""
    if marker is None:
        return None
    try:
        row, row_offset, column, column_offset = (
            int(marker.findtext(f"{{*}}{name}") or "0") for name in ("row", "rowOff", "col", "colOff")
        )
    except ValueError:
        return None
    return (row, row_offset), (column, column_offset)


def _rich_text(item: etree._Element, theme: list[str]) -> tuple[str, Doubt | None]:
    """Text of a string item, doubted where digits differ in style; readings (``rPh``) are no part of it."""
    if len(item) == 1 and item[0].tag.endswith("}t"):
        return _unescape(item[0].text or ""), None
    parts, looks = [], set()
    for each in item:
        name = etree.QName(each).localname
        if name == "t":
            parts.append(each.text or "")
        elif name == "r":
            text = each.findtext("{*}t") or ""
            parts.append(text)
            if DIGIT.search(text):
                looks.add(_look(each.find("{*}rPr"), theme))
    doubt = next((look for look in looks if isinstance(look, Doubt)), MIXED if len(looks) > 1 else None)
    return _unescape("".join(parts)), doubt


def _look(properties: etree._Element | None, theme: list[str]) -> Doubt | str:
    """Whether a run stands raised or lowered, or why it may not be seen."""
    if properties is None:
        return "baseline"
    colour = _colour(properties.find("{*}color"), theme, BLACK)
    doubt = doubt_of(colour=colour, ground=WHITE, struck=_is_struck(properties), points=_points(properties))
    raised = properties.find("{*}vertAlign")
    return doubt or ("baseline" if raised is None else str(raised.get("val", "baseline")))


def _unescape(text: str) -> str:
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text).encode("utf-8", "ignore").decode()
