"""Plain text: lines of cells become grids, the rest stays text."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence

from giakit.documents.model import Block, Document, Grid, Text

_RULE = re.compile(r"^[\s|:+=\-—─┼├┤]*$")
_BREAK = re.compile(r"<br\s*/?>", re.I)
# Heads of saved pages: "标题: …" and the like, as site copies write them.
_HEAD = re.compile(r"^(标题|发布时间|发布日期|发布机构|原文链接)\s*[:：]\s*(.*)$")
_QUOTED_BREAK = re.compile(r'(?<=,)"[^",]*\n[^",]*"(?=,|\n|$)')
_LEAST_COMMAS = 2
_LEAST_LINES = 3
_FIELDS = {
    "标题": "title",
    "发布时间": "published",
    "发布日期": "published",
    "发布机构": "publisher",
    "原文链接": "url",
}


def read_text(text: str, *, name: str, format: str = "text") -> Document:
    """A document from plain text or Markdown.

    Lines with tabs or with two pipes and more are rows of a grid; lines that follow each other, blank ones
    apart, make one grid. So do three lines and more with equally many commas (CSV). Everything else is text,
    with its line breaks.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").replace("\v", "\n")
    metadata: dict[str, str] = {}
    for line in text.split("\n")[:20]:
        found = _HEAD.match(line.strip())
        if found and found.group(2):
            metadata.setdefault(_FIELDS[found.group(1)], found.group(2).strip())
    title = metadata.pop("title", "")
    return Document(name=name, format=format, blocks=tuple(text_blocks(text)), title=title, metadata=metadata)


def text_blocks(text: str, where: str = "") -> Iterator[Block]:
    """Split text into blocks: grids where lines have cells, texts elsewhere."""
    lines: list[str] = []
    rows: list[list[str]] = []
    kind = ""
    number = 0
    prefix = f"{where} " if where else ""
    source = _QUOTED_BREAK.sub(lambda cell: cell.group(0).replace("\n", ""), text).split("\n")
    comma_rows = _comma_rows(source)
    for at, line in enumerate([*source, "end"], 1):
        cells, now = (comma_rows[at - 1], "comma") if at - 1 in comma_rows else _cells(line)
        if now == "blank" and kind:
            continue
        if kind and now != kind:
            number += 1
            yield _grid(rows, f"{prefix}lines {number}")
            rows, kind = [], ""
        if now in ("tab", "pipe", "comma"):
            if lines:
                yield Text("\n".join(lines), f"{prefix}line {at - len(lines)}")
                lines = []
            kind = now
            if cells:
                rows.append(cells)
        else:
            lines.append(line)
    if lines[:-1]:
        yield Text("\n".join(lines[:-1]), f"{prefix}line {at - len(lines)}")


def _comma_rows(lines: Sequence[str]) -> dict[int, list[str]]:
    """Cells by line number, where enough lines that follow each other have equally many commas: prose never has."""
    found: dict[int, list[str]] = {}
    run: dict[int, list[str]] = {}
    for number, line in enumerate([*lines, ""]):
        cells = next(csv.reader([line]), []) if line.count(",") >= _LEAST_COMMAS else []
        if run and len(cells) != len(next(iter(run.values()))):
            if len(run) >= _LEAST_LINES:
                found |= run
            run = {}
        if len(cells) > _LEAST_COMMAS:
            run[number] = [cell.strip(" ") for cell in cells]
    return found


def _cells(line: str) -> tuple[list[str], str]:
    if not line.strip():
        # A line of tabs alone is a row of blanks at best: it says nothing.
        return [], "blank"
    if "\t" in line.rstrip():
        return [cell.strip(" ") for cell in line.split("\t")], "tab"
    pipes = line.count("|") + line.count("｜")
    if pipes >= 2:
        if _RULE.match(line):
            return [], "pipe"
        inner = line.strip().replace("｜", "|")
        return [_BREAK.sub("\n", cell).strip() for cell in re.split(r"(?<!\\)\|", inner)], "pipe"
    return [], "line"


def _grid(rows: list[list[str]], where: str) -> Grid:
    # A pipe at the edge is a border only where every line has it; else it bounds an empty cell.
    if rows and all(len(row) > 1 and not row[0] for row in rows):
        rows = [row[1:] for row in rows]
    if rows and all(len(row) > 1 and not row[-1] for row in rows):
        rows = [row[:-1] for row in rows]
    width = max((len(row) for row in rows), default=0)
    return Grid([row + [""] * (width - len(row)) for row in rows], where=where)
