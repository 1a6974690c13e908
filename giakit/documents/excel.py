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
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product
from typing import Any, NamedTuple

from lxml import etree

from giakit.documents.archive import Archive, is_ole, ole_kind, parse_xml
from giakit.documents.limits import DEFAULT_LIMITS, Limits, check_bytes, check_cells
from giakit.documents.model import Block, Document, Doubt, Text
from giakit.documents.number_formats import COMPARISONS, built_in_format, number_text, shown
from giakit.documents.sheets import (
    BLACK,
    DIGIT,
    WHITE,
    Place,
    Range,
    Sheet,
    Style,
    covered,
    doubt_of,
    grid_of,
    is_near,
)
from giakit.errors import UnreadableDocument

_MAX_ROWS, _MAX_COLUMNS = 1_048_576, 16_384
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_LONGEST_REFERENCE = len("$ABC$1234567")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_INDEXED = {0: BLACK, 1: WHITE, 8: BLACK, 9: WHITE, 64: BLACK, 65: WHITE}
# What a cell of the usual font leaves free at its sides, in signs, and what more it must lack to be cut for certain.
_SIDES = -0.3

_MIXED = Doubt("its characters differ in style", confirmable=True)
_NARROW = Doubt("its column is too narrow to show it")
_CONDITIONAL = Doubt("a conditional format may hide it", confirmable=True)
_UNDER = Doubt("a drawn shape lies over it", confirmable=True)


def read_spreadsheet(
    data: bytes, *, name: str, limits: Limits = DEFAULT_LIMITS, hidden: bool = False
) -> Document:
    """Read a spreadsheet.

    Parameters
    ----------
    data : bytes
        The file; what it is is told from the bytes.
    name : str
        Its name, for errors and `Document.name`.
    limits : Limits
        What it may cost.
    hidden : bool, default False
        Whether hidden rows and columns are taken.

    Returns
    -------
    Document
        `format` is ``xlsx``, ``xls``, ``ods`` or ``excel-xml``. For each sheet that is shown and says something a text (its
        name) and a grid; rows that say nothing are left out. `hides` says whether hidden rows or columns were passed over.

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
    return Document(
        name=name, format=kind, blocks=tuple(blocks), notes=tuple(notes), doubts=tuple(doubts), hides=hides
    )


def _sheets(data: bytes, name: str, limits: Limits) -> tuple[str, Iterable[Sheet]]:
    if is_ole(data):
        if ole_kind(data) == "encrypted":
            raise UnreadableDocument(name, "encrypted: it opens only with its password")
        return "xls", _xls(data, name, limits)
    if is_excel_xml(data):
        return "excel-xml", _excel_xml(data, name, limits)
    archive = Archive(data, name=name, limits=limits)
    if "xl/workbook.bin" in archive:
        reason = "an .xlsb workbook, whose errors and hidden rows cannot be told; save it as .xlsx"
        raise UnreadableDocument(name, reason)
    if "content.xml" in archive:
        return "ods", _ods(archive, limits)
    return "xlsx", _xlsx(archive, limits)


class _Rule(NamedTuple):
    """A conditional format that changes whether, or how, a number is seen; without `compare` it is not known when."""

    ranges: tuple[Range, ...]
    compare: str
    bound: float
    code: str | None


@dataclass(slots=True)
class _Book:
    """What the sheets of an .xlsx share."""

    texts: list[tuple[str, Doubt | None]]
    styles: list[Style]
    changes: list[dict[str, str]]
    since_1904: bool


def _xlsx(archive: Archive, limits: Limits) -> Iterator[Sheet]:
    """All worksheets in the order of the tabs; charts and macros are left out.

    Stored results stand for formulas; a formula without one is given as its text, ``=SUM(B2:B4)``.
    """
    main = next(
        (each.target for each in archive.relationships() if each.kind == "officeDocument"), "xl/workbook.xml"
    )
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
        changes=_changes(styles, theme) if styles is not None else [],
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
        if _is_on(row.get("hidden")) or _is_nothing(row.get("ht")):
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


def _is_nothing(size: str | None) -> bool:
    """Whether a height or width leaves nothing to see."""
    try:
        return size is not None and float(size) < 1
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
        start, end = int(first[:6]) - 1, min(int(last[:6]), _MAX_COLUMNS) - 1
        if _is_on(columns.get("hidden")) or _is_nothing(width):
            hidden.append((start, end))
        elif _is_on(columns.get("customWidth")) and width is not None and len(widths) < _MAX_COLUMNS:
            try:
                widths.update(dict.fromkeys(range(start, end + 1), float(width)))
            except ValueError:
                continue
    sheet.hidden_columns = covered(hidden, _MAX_COLUMNS) if hidden else set()
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
        return _INDEXED.get(int(index[:4]), f"index {index}")
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


def _ground(fill: etree._Element | None, theme: list[str]) -> str:
    pattern = None if fill is None else fill.find("{*}patternFill")
    if pattern is None:
        return WHITE if fill is None or not len(fill) else "gradient"
    kind = pattern.get("patternType", "solid" if len(pattern) else "none")
    if kind == "none":
        return WHITE
    return _colour(pattern.find("{*}fgColor"), theme, BLACK) if kind == "solid" else "pattern"


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
    stated = {
        each.get("numFmtId"): each.get("formatCode", "") for each in root.iterfind("{*}numFmts/{*}numFmt")
    }
    fonts, fills = root.findall("{*}fonts/{*}font"), root.findall("{*}fills/{*}fill")
    usual = _points(fonts[0]) if fonts else 11.0
    styles = []
    for style in root.iterfind("{*}cellXfs/{*}xf"):
        number = style.get("numFmtId", "0")
        code = stated.get(number) or (
            built_in_format(int(number)) if number.isdecimal() and len(number) < 9 else ""
        )
        font, fill = _chosen(fonts, style.get("fontId")), _chosen(fills, style.get("fillId"))
        alignment = style.find("{*}alignment")
        shrinks = alignment is not None and _is_on(alignment.get("shrinkToFit"))
        ground = _ground(fill, theme)
        colour = BLACK if font is None else _colour(font.find("{*}color"), theme, BLACK)
        points = _points(font)
        doubt = doubt_of(
            colour=colour, ground=ground, struck=font is not None and _is_struck(font), points=points
        )
        size = 0.0 if shrinks else points / max(usual, 1.0)
        styles.append(Style(code or "General", doubt, colour, ground, size))
    return styles


def _chosen(elements: list[etree._Element], number: str | None) -> etree._Element | None:
    index = int(number) if number is not None and number.isdecimal() and len(number) < 9 else 0
    return elements[index] if index < len(elements) else None


def _changes(root: etree._Element, theme: list[str]) -> list[dict[str, str]]:
    """What each differential style changes of a cell: number format, colour, ground."""
    changes = []
    for each in root.iterfind("{*}dxfs/{*}dxf"):
        change = {}
        if (code := each.find("{*}numFmt")) is not None:
            change["code"] = code.get("formatCode", "General")
        if (colour := each.find("{*}font/{*}color")) is not None:
            change["colour"] = _colour(colour, theme, BLACK)
        fill = each.find("{*}fill/{*}patternFill")
        if fill is not None:
            # In these a solid fill is painted in its background colour.
            change["ground"] = _colour(fill.find("{*}bgColor"), theme, WHITE)
        changes.append(change)
    return changes


def _rules(root: etree._Element, book: _Book) -> list[tuple[_Rule, dict[str, str]]]:
    rules: list[tuple[_Rule, dict[str, str]]] = []
    for each in root.iterfind("{*}conditionalFormatting"):
        ranges = tuple(islice(_ranges(each.get("sqref", "")), 64))
        for rule in each.iterfind("{*}cfRule"):
            key = rule.get("dxfId", "")
            change = book.changes[int(key)] if key.isdecimal() and int(key) < len(book.changes) else {}
            if change and ranges and len(rules) < 64:
                rules.append((_Rule(ranges, *_condition(rule, ranges[0]), change.get("code")), change))
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


def _condition(rule: etree._Element, first: Range) -> tuple[str, float]:
    """How a rule compares the cell with which number; "" where it asks something else."""
    formula = (rule.findtext("{*}formula") or "").strip()
    try:
        if rule.get("type") == "cellIs":
            return _OPERATORS.get(rule.get("operator", ""), ""), float(formula)
        of_itself = _OF_ITSELF.fullmatch(formula)
        if rule.get("type") == "expression" and of_itself and _place(of_itself[1]) == first[:2]:
            return of_itself[2], float(of_itself[3])
    except ValueError:
        pass
    return "", 0.0


def _apply_rules(
    sheet: Sheet,
    rules: list[tuple[_Rule, dict[str, str]]],
    numbers: dict[Place, tuple[float, Style]],
    since_1904: bool,
) -> None:
    for place, (value, style) in numbers.items() if rules else ():
        for rule, change in rules:
            if not any(
                top <= place[0] <= bottom and left <= place[1] <= right
                for top, left, bottom, right in rule.ranges
            ):
                continue
            unseen = is_near(change.get("colour", style.colour), change.get("ground", style.ground))
            recoded = rule.code is not None and shown(value, rule.code) != shown(value, style.code)
            if not (unseen or recoded):
                continue
            if not rule.compare:
                sheet.doubts.setdefault(place, _CONDITIONAL)
            elif COMPARISONS[rule.compare](value, rule.bound):
                sheet.cells.pop(place, None)
                sheet.doubts.pop(place, None)
                if not unseen:
                    sheet.number(place, value, style._replace(code=str(rule.code)), since_1904=since_1904)
                break


def _doubt_under_shapes(sheet: Sheet, drawing: etree._Element) -> None:
    """Doubts the cells that a drawn shape, picture or chart lies on."""
    for anchor in islice(drawing, 1000):
        shape = next((each for each in anchor if etree.QName(each).localname in _SHAPES), None)
        start, end = _corner(anchor.find("{*}from")), _corner(anchor.find("{*}to"))
        if (
            shape is None
            or start is None
            or any(_is_on(each.get("hidden")) for each in shape.iter("{*}cNvPr"))
        ):
            continue
        text = "".join(each.text or "" for each in shape.iter("{*}t")).strip()
        outline = next(shape.iter("{*}spPr"), None)
        if not text and outline is not None and outline.find("{*}noFill") is not None:
            continue
        (top, _), (left, _) = start
        # A marker that only touches a cell does not lie on it.
        bottom, right = (
            max(at - (offset < _TOUCH), first)
            for (at, offset), first in zip(end or start, (top, left), strict=True)
        )
        doubt = Doubt(
            f"a drawn shape lies over it{f': {text[:40]}' if text else ''}",
            confirmable=not DIGIT.search(text),
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
    doubt = next((look for look in looks if isinstance(look, Doubt)), _MIXED if len(looks) > 1 else None)
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


def _xls(data: bytes, name: str, limits: Limits) -> Iterator[Sheet]:
    """All worksheets of an old workbook, by xlrd."""
    import xlrd
    from xlrd.biffh import error_text_from_code

    try:
        book = xlrd.open_workbook(
            file_contents=data, formatting_info=True, logfile=io.StringIO(), ragged_rows=True
        )
    except Exception as error:  # its own, struct's and many more, on damage
        reason = (
            "encrypted: it opens only with its password"
            if "ncrypt" in str(error)
            else f"the workbook is damaged ({error})"
        )
        raise UnreadableDocument(name, reason) from None
    styles = [_xls_style(book, key) for key in range(len(book.xf_list))]
    cells = 0
    for page in book.sheets():
        sheet = Sheet(page.name, visible=page.visibility == 0, zeros=bool(page.show_zero_values))
        for row in range(page.nrows):
            for column, cell in enumerate(page.row(row)):
                style = styles[cell.xf_index] if 0 <= (cell.xf_index or 0) < len(styles) else Style()
                if cell.ctype in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
                    sheet.number((row, column), cell.value, style, since_1904=book.datemode == 1)
                elif cell.ctype == xlrd.XL_CELL_TEXT:
                    sheet.text((row, column), cell.value, style)
                    if (
                        len(
                            {
                                book.font_list[font].struck_out
                                for _, font in page.rich_text_runlist_map.get((row, column), ())
                                if font < len(book.font_list)
                            }
                        )
                        > 1
                    ):
                        sheet.doubts[row, column] = _MIXED
                elif cell.ctype == xlrd.XL_CELL_BOOLEAN:
                    sheet.text((row, column), "TRUE" if cell.value else "FALSE")
                elif cell.ctype == xlrd.XL_CELL_ERROR:
                    sheet.text((row, column), error_text_from_code.get(cell.value, "#ERROR!"))
        check_cells(name, cells := cells + len(sheet.cells), limits)
        sheet.merges = [
            (top, left, bottom - 1, right - 1)
            for top, bottom, left, right in page.merged_cells
            if top < bottom and left < right
        ]
        sheet.hidden_rows = {row for row, info in page.rowinfo_map.items() if info.hidden or info.height == 0}
        sheet.hidden_columns = {
            column for column, info in page.colinfo_map.items() if info.hidden or info.width == 0
        }
        yield sheet


def _xls_style(book: Any, key: int) -> Style:
    style = book.xf_list[key]
    format_ = book.format_map.get(style.format_key)
    font = book.font_list[style.font_index] if style.font_index < len(book.font_list) else None
    ground, index = WHITE, style.background.pattern_colour_index
    if style.background.fill_pattern:
        ground = _xls_colour(book, index, BLACK) if style.background.fill_pattern == 1 else "pattern"
    if font is None:
        return Style(ground=ground)
    colour = _xls_colour(book, font.colour_index, BLACK)
    doubt = doubt_of(
        colour=colour, ground=ground, struck=bool(font.struck_out), points=(font.height or 220) / 20
    )
    return Style((format_.format_str if format_ else "") or "General", doubt, colour, ground)


def _xls_colour(book: Any, index: int, default: str) -> str:
    rgb = book.colour_map.get(index)
    return "".join(f"{part:02X}" for part in rgb) if rgb else _INDEXED.get(index, default)


_SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet"
_S = f"{{{_SPREADSHEET}}}"
_X = "{urn:schemas-microsoft-com:office:excel}"
_NAMED_FORMATS = {"Percent": "0%", "Fixed": "0.00", "Standard": "#,##0.00", "General Number": "General"}


def is_excel_xml(data: bytes) -> bool:
    """Whether bytes are an Excel 2003 XML workbook (not a web page that Excel wrote).

    >>> is_excel_xml(b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">')
    True
    """
    head = data[:4096]
    return _SPREADSHEET.encode() in head and b"Workbook" in head and b"<html" not in head.lower()


def _excel_xml(data: bytes, name: str, limits: Limits) -> Iterator[Sheet]:
    """All worksheets of an Excel 2003 XML workbook, which web systems like to export under the name .xls."""
    root = parse_xml(data, name, limits)
    if root.tag != f"{_S}Workbook":
        raise UnreadableDocument(name, "an XML file that is no workbook")
    styles: dict[str, Style] = {}
    for each in root.iterfind(f"{_S}Styles/{_S}Style"):
        format_, font, fill = (each.find(f"{_S}{part}") for part in ("NumberFormat", "Font", "Interior"))
        code = "General" if format_ is None else format_.get(f"{_S}Format", "General")
        colour = BLACK if font is None else font.get(f"{_S}Color", BLACK).lstrip("#").upper()
        ground = WHITE if fill is None else fill.get(f"{_S}Color", WHITE).lstrip("#").upper()
        struck = font is not None and font.get(f"{_S}StrikeThrough") == "1"
        doubt = doubt_of(colour=colour, ground=ground, struck=struck, points=11.0)
        styles[each.get(f"{_S}ID", "")] = Style(_NAMED_FORMATS.get(code, code), doubt, colour, ground)
    cells = 0
    for element in root.iterfind(f"{_S}Worksheet"):
        options = element.find(f"{_X}WorksheetOptions")
        visible = options is None or options.findtext(f"{_X}Visible", "SheetVisible") == "SheetVisible"
        zeros = options is None or options.find(f"{_X}DoNotDisplayZeros") is None
        sheet = Sheet(element.get(f"{_S}Name", ""), visible=visible, zeros=zeros)
        _fill_from_excel_xml(sheet, element, styles, name, limits)
        check_cells(name, cells := cells + len(sheet.cells), limits)
        yield sheet


def _fill_from_excel_xml(
    sheet: Sheet, element: etree._Element, styles: dict[str, Style], name: str, limits: Limits
) -> None:
    hidden_rows: list[tuple[int, int]] = []
    row = 0
    for line in element.iterfind(f"{_S}Table/{_S}Row"):
        row = min(_stated(line, "Index", row + 1) - 1, _MAX_ROWS)
        span = _stated(line, "Span", 0)
        if line.get(f"{_S}Hidden") == "1" or line.get(f"{_S}Height") == "0":
            hidden_rows.append((row, row + span))
        column = 0
        for cell in line.iterfind(f"{_S}Cell"):
            column = min(_stated(cell, "Index", column + 1) - 1, _MAX_COLUMNS)
            across, down = _stated(cell, "MergeAcross", 0), _stated(cell, "MergeDown", 0)
            if across or down:
                sheet.merges.append((row, column, row + down, column + across))
            style = styles.get(cell.get(f"{_S}StyleID") or line.get(f"{_S}StyleID") or "Default", Style())
            _keep_data(sheet, (row, column), cell.find(f"{_S}Data"), style)
            column += across + 1
        check_cells(name, len(sheet.cells), limits)
        row += span + 1
    last = max((place[0] for place in sheet.cells), default=-1)
    sheet.hidden_rows = covered(hidden_rows, last + 1)
    hidden_columns: list[tuple[int, int]] = []
    column = 0
    for each in element.iterfind(f"{_S}Table/{_S}Column"):
        column = min(_stated(each, "Index", column + 1) - 1, _MAX_COLUMNS)
        end = column + _stated(each, "Span", 0)
        if each.get(f"{_S}Hidden") == "1" or each.get(f"{_S}Width") == "0":
            hidden_columns.append((column, end))
        column = end + 1
    sheet.hidden_columns = covered(hidden_columns, _MAX_COLUMNS)


def _keep_data(sheet: Sheet, place: Place, data: etree._Element | None, style: Style) -> None:
    if data is None:
        return
    text = "".join(map(str, data.itertext()))
    kind = data.get(f"{_S}Type")
    if kind == "Boolean":
        sheet.text(place, "TRUE" if text == "1" else "FALSE")
    elif kind == "DateTime":
        sheet.text(place, text.removesuffix(".000").removesuffix("T00:00:00").replace("T", " "))
    elif kind == "Number":
        try:
            sheet.number(place, float(text), style)
        except ValueError:
            sheet.text(place, text, style)
    else:
        sheet.text(place, text, style)
        if len(data) and any(DIGIT.search("".join(map(str, part.itertext()))) for part in data):
            # Only text whose parts differ in style has elements in it.
            sheet.doubts.setdefault(place, _MIXED)


def _stated(element: etree._Element, attribute: str, default: int) -> int:
    value = element.get(f"{_S}{attribute}", "")
    return int(value) if value.isdecimal() and len(value) < 8 else default


_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_GROUPS = {
    f"{_TABLE}table-{name}"
    for name in ("rows", "row-group", "header-rows", "columns", "column-group", "header-columns")
}
_NO_TEXT = {f"{_TEXT}note", f"{_TEXT}ruby-text", f"{_OFFICE}annotation"}


def _ods(archive: Archive, limits: Limits) -> Iterator[Sheet]:
    """All sheets of an OpenDocument spreadsheet: the texts as they are shown, which the file stores beside the values."""
    if "META-INF/manifest.xml" in archive and b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise UnreadableDocument(archive.name, "encrypted: it opens only with its password")
    root = archive.xml("content.xml")
    book = root.find(f"{_OFFICE}body/{_OFFICE}spreadsheet")
    if book is None:
        raise UnreadableDocument(archive.name, "an OpenDocument file, but no spreadsheet")
    roots = [root] + ([archive.xml("styles.xml")] if "styles.xml" in archive else [])
    elements = {
        style.get(f"{_STYLE}name", ""): style
        for each in reversed(roots)
        for style in each.iter(f"{_STYLE}style")
    }
    styles = {name: _ods_style(name, elements) for name in elements}
    hidden = {
        name
        for name, style in elements.items()
        for properties in style.iterfind(f"{_STYLE}table-properties")
        if properties.get(f"{_TABLE}display") == "false"
    }
    # Some writers store values without the text that shows them: then the values are what there is.
    texts = any(
        cell.find(f"{_TEXT}p") is not None
        for cell in book.iter(f"{_TABLE}table-cell")
        if cell.get(f"{_OFFICE}value")
    )
    for table in book.iterfind(f"{_TABLE}table"):
        sheet = Sheet(table.get(f"{_TABLE}name", ""), visible=table.get(f"{_TABLE}style-name") not in hidden)
        _fill_from_ods(sheet, table, styles, archive.name, limits, texts=texts)
        yield sheet


def _ods_style(name: str, elements: dict[str, etree._Element]) -> Style:
    """Colours and strike of a style, what it inherits included."""
    stated: dict[str, str] = {}
    seen: set[str] = set()
    conditional = False
    while name in elements and name not in seen:
        seen.add(name)
        element = elements[name]
        conditional = conditional or element.find(f"{_STYLE}map") is not None
        for each in element.iterfind(f"{_STYLE}text-properties"):
            for key in (f"{_FO}color", f"{_FO}font-size", f"{_STYLE}text-line-through-style"):
                stated.setdefault(key, each.get(key, "")) if each.get(key) else None
        for each in element.iterfind(f"{_STYLE}table-cell-properties"):
            stated.setdefault("ground", each.get(f"{_FO}background-color") or "") if each.get(
                f"{_FO}background-color"
            ) else None
        name = element.get(f"{_STYLE}parent-style-name", "")
    size = re.fullmatch(r"([\d.]+)pt", stated.get(f"{_FO}font-size", ""))
    ground = stated.get("ground", "transparent").lstrip("#").upper()
    doubt = doubt_of(
        colour=stated.get(f"{_FO}color", BLACK).lstrip("#").upper(),
        ground=WHITE if ground == "TRANSPARENT" else ground,
        struck=stated.get(f"{_STYLE}text-line-through-style", "none") != "none",
        points=float(size[1]) if size else 11.0,
    )
    return Style(doubt=doubt or (_CONDITIONAL if conditional else None))


def _fill_from_ods(
    sheet: Sheet, table: etree._Element, styles: dict[str, Style], name: str, limits: Limits, *, texts: bool
) -> None:
    hidden_rows: list[tuple[int, int]] = []
    hidden_columns: list[tuple[int, int]] = []
    defaults: list[tuple[int, str]] = []
    row = column = unstored = 0
    for element in _flat(table):
        if element.tag == f"{_TABLE}table-column":
            times = _times(element, "columns-repeated", _MAX_COLUMNS - column)
            if element.get(f"{_TABLE}visibility", "visible") != "visible":
                hidden_columns.append((column, column + times - 1))
            defaults.append((column, element.get(f"{_TABLE}default-cell-style-name", "")))
            column += times
        elif element.tag == f"{_TABLE}table-row":
            times = _times(element, "rows-repeated", _MAX_ROWS - row)
            if element.get(f"{_TABLE}visibility", "visible") != "visible":
                hidden_rows.append((row, row + times - 1))
            at = 0
            for cell in element:
                if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
                    continue
                repeated = _times(cell, "columns-repeated", _MAX_COLUMNS - at)
                down, right = (_times(cell, f"{side}-spanned", 1 << 20) for side in ("rows", "columns"))
                if down > 1 or right > 1:
                    sheet.merges.append(
                        (row, at, min(row + down, _MAX_ROWS) - 1, min(at + right, _MAX_COLUMNS) - 1)
                    )
                text, stored = _ods_text(cell, texts=texts)
                unstored += not stored
                if text and cell.tag == f"{_TABLE}table-cell":
                    check_cells(name, len(sheet.cells) + times * repeated, limits)
                    style_name = cell.get(f"{_TABLE}style-name") or next(
                        (key for start, key in reversed(defaults) if start <= at), ""
                    )
                    for place in product(range(row, row + times), range(at, at + repeated)):
                        sheet.text(place, text, styles.get(style_name, Style()))
                        if next(cell.iter(f"{_DRAW}*"), None) is not None and DIGIT.search(text):
                            sheet.doubts[place] = Doubt("a drawn shape lies over it", confirmable=True)
                at += repeated
            row += times
    # A sheet may hide its million unused rows; only those up to the last text matter.
    sheet.hidden_rows = covered(hidden_rows, max((place[0] for place in sheet.cells), default=-1) + 1)
    sheet.hidden_columns = covered(hidden_columns, _MAX_COLUMNS)
    if unstored:
        sheet.notes.append(f"sheet {sheet.name}: formulas without a stored result: {unstored}")


def _ods_text(cell: etree._Element, *, texts: bool) -> tuple[str, bool]:
    """Text of a cell, and whether it was stored (False: a formula nobody has computed)."""
    text = "\n".join("".join(_inline(paragraph)) for paragraph in cell.iterfind(f"{_TEXT}p"))
    value = cell.get(f"{_OFFICE}value")
    if text or (texts and value is not None):
        return text, True
    if value is not None:
        try:
            return number_text(float(value)), True
        except (ValueError, ArithmeticError):
            return value, True
    for key in ("string-value", "date-value", "time-value", "boolean-value"):
        if cell.get(f"{_OFFICE}{key}") is not None:
            return cell.get(f"{_OFFICE}{key}", ""), True
    formula = cell.get(f"{_TABLE}formula")
    if formula is not None and cell.get(f"{_OFFICE}value-type") != "string":
        return formula, False
    return "", True


def _inline(element: etree._Element) -> Iterator[str]:
    yield element.text or ""
    for each in element:
        if each.tag == f"{_TEXT}s":
            yield " " * min(_count(each.get(f"{_TEXT}c")), 1000)
        elif each.tag == f"{_TEXT}tab":
            yield "\t"
        elif each.tag == f"{_TEXT}line-break":
            yield "\n"
        elif each.tag not in _NO_TEXT:
            yield from _inline(each)
        yield each.tail or ""


def _flat(table: etree._Element) -> Iterator[etree._Element]:
    for element in table:
        if element.tag in _GROUPS:
            yield from _flat(element)
        else:
            yield element


def _times(element: etree._Element, attribute: str, room: int) -> int:
    return min(_count(element.get(f"{_TABLE}number-{attribute}")), max(room, 0))


def _count(value: str | None) -> int:
    return int(value) if value and value.isdecimal() and len(value) < 9 else 1
