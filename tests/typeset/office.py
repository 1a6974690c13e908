"""Drafts as Word files, in plain WordprocessingML."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from xml.sax.saxutils import escape

from typeset.model import Block, Cell, Draft, Grid, Placed, Text
from typeset.registry import generator

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_BORDERS = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)
_STAMP = (2024, 1, 2, 3, 4, 6)
_AUTHOR = 'w:id="7" w:author="a" w:date="2024-01-02T03:04:05Z"'


def docx(draft: Draft) -> bytes:
    """A .docx: paragraphs and tables with gridSpan and vMerge."""
    run = _runs(draft)
    parts = [_block(block, run) for block in draft.blocks]
    if draft.style.get("nested"):
        parts = [_nested(part) if part.startswith("<w:tbl>") else part for part in parts]
    if draft.style.get("text_box"):
        parts[0] = _text_box(draft.title)
    section = '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr>'
    header_parts = {}
    if draft.style.get("text_box"):
        section = '<w:sectPr><w:headerReference w:type="default" r:id="rId1"/><w:footerReference w:type="default" r:id="rId2"/><w:pgSz w:w="11906" w:h="16838"/></w:sectPr>'
        header_parts = {"header1": ("hdr", f"政府信息公开 {draft.year + 1} 年第 1 期"), "footer1": ("ftr", "- 3 -")}
    document = _root("document", f"<w:body>{''.join(parts)}{section}</w:body>")
    return _zipped(document, {name: _root(tag, _paragraph(text)) for name, (tag, text) in header_parts.items()})


def _root(tag: str, content: str) -> str:
    spaces = f'xmlns:w="{_W}" xmlns:r="{_R}" xmlns:v="urn:schemas-microsoft-com:vml"'
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:{tag} {spaces}>{content}</w:{tag}>'


def _block(block: Block, run: Callable[[Cell], str]) -> str:
    if isinstance(block, Text):
        return _paragraph(block.text, centred=block.role == "title")
    return _table(block, run)


def _paragraph(text: str, *, centred: bool = False) -> str:
    layout = '<w:pPr><w:jc w:val="center"/></w:pPr>' if centred else ""
    return f"<w:p>{layout}{_run(text)}</w:p>"


def _run(text: str, properties: str = "") -> str:
    lines = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in text.split("\n"))
    return f"<w:r>{properties}{lines}</w:r>" if text else ""


def _runs(draft: Draft) -> Callable[[Cell], str]:
    """How the content of a cell is written: plainly, with tracked changes, with hidden runs."""
    if "tracked" in draft.style:
        return lambda cell: _tracked(cell, generator(draft.style["tracked"], cell.text))
    if "hidden_runs" in draft.style:
        return lambda cell: _hidden(cell, generator(draft.style["hidden_runs"], cell.text))
    return lambda cell: _run(cell.text)


def _tracked(cell: Cell, draw: random.Random) -> str:
    if cell.kind != "value" or not cell.text or draw.random() < 0.6:
        return _run(cell.text)
    gone = f"<w:del {_AUTHOR}><w:r><w:delText>{draw.randint(1, 99)}</w:delText></w:r></w:del>"
    return f"{gone}<w:ins {_AUTHOR}>{_run(cell.text)}</w:ins>"


def _hidden(cell: Cell, draw: random.Random) -> str:
    if cell.kind != "value" or not cell.text or draw.random() < 0.6:
        return _run(cell.text)
    return _run(cell.text) + _run(str(draw.randint(1, 99)), "<w:rPr><w:vanish/></w:rPr>")


def _table(grid: Grid, run: Callable[[Cell], str]) -> str:
    columns = "".join('<w:gridCol w:w="900"/>' for _ in grid.rows[0])
    rows = []
    placed_rows = list(grid.placed())
    for r, placed in enumerate(placed_rows):
        cells = "".join(_cell(grid, r, c, item, run) for c, item in enumerate(placed))
        rows.append(f"<w:tr>{cells}</w:tr>")
    return f'<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/><w:tblBorders>{_BORDERS}</w:tblBorders></w:tblPr><w:tblGrid>{columns}</w:tblGrid>{"".join(rows)}</w:tbl><w:p/>'


def _cell(grid: Grid, r: int, c: int, item: Placed, run: Callable[[Cell], str]) -> str:
    row = grid.rows[r]
    if c > 0 and row[c - 1] is item.cell:
        return ""
    width = 1
    while c + width < len(row) and row[c + width] is item.cell:
        width += 1
    span = f'<w:gridSpan w:val="{width}"/>' if width > 1 else ""
    if not item.begins:
        return f"<w:tc><w:tcPr>{span}<w:vMerge/></w:tcPr><w:p/></w:tc>"
    merge = '<w:vMerge w:val="restart"/>' if item.rowspan > 1 else ""
    return f"<w:tc><w:tcPr>{span}{merge}</w:tcPr><w:p>{run(item.cell)}</w:p></w:tc>"


def _nested(table: str) -> str:
    return f'<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w="9000"/></w:tblGrid><w:tr><w:tc><w:tcPr/>{table}</w:tc></w:tr></w:tbl><w:p/>'


def _text_box(title: str) -> str:
    box = f'<v:shape style="width:400pt;height:40pt"><v:textbox><w:txbxContent>{_paragraph(title, centred=True)}</w:txbxContent></v:textbox></v:shape>'
    return f"<w:p><w:r><w:pict>{box}</w:pict></w:r></w:p>"


def _zipped(document: str, extra: dict[str, str]) -> bytes:
    overrides = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{_MIME}.{name[:-1]}+xml"/>' for name in extra
    )
    types = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="{_MIME}.document.main+xml"/>{overrides}</Types>'
    )
    kinds = "".join(
        f'<Relationship Id="rId{i}" Type="{_R}/{name[:-1]}" Target="{name}.xml"/>'
        for i, name in enumerate(extra, start=1)
    )
    files = {
        "[Content_Types].xml": types,
        "_rels/.rels": f'<?xml version="1.0" encoding="UTF-8"?>\n<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{_R}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": document,
        "word/_rels/document.xml.rels": f'<?xml version="1.0" encoding="UTF-8"?>\n<Relationships xmlns="{_PACKAGE}/relationships">{kinds}</Relationships>',
        **{f"word/{name}.xml": content for name, content in extra.items()},
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _STAMP), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
