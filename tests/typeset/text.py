"""Drafts as plain text and Markdown: the ways in which tables end up in text files."""

from __future__ import annotations

from collections.abc import Callable

from typeset.model import Draft, Grid, Text


def plain(draft: Draft) -> str:
    """A text file; `style["text"]` chooses how its tables are written."""
    style = draft.style.get("text", "tabs")
    lines = [block.text if isinstance(block, Text) else WRITERS[style](block) for block in draft.blocks]
    if style == "run_together":
        return f"标题: {draft.title}\n" + "".join(lines) + "\n"
    return "\n\n".join(lines) + "\n"


def markdown(draft: Draft) -> str:
    """A Markdown file."""
    marks = {"title": "# ", "chapter": "## ", "section": "### "}
    lines = [
        marks.get(block.role, "") + block.text if isinstance(block, Text) else _markdown_table(block)
        for block in draft.blocks
    ]
    return "\n\n".join(lines) + "\n"


def _matrix(grid: Grid) -> list[list[str]]:
    return [[placed.cell.text.replace("\n", " ") if placed.begins else "" for placed in row] for row in grid.placed()]


def _tabs(grid: Grid) -> str:
    return "\n".join("\t".join(row) for row in _matrix(grid))


def _pipes(grid: Grid) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in _matrix(grid))


def _trailing_pipes(grid: Grid) -> str:
    return "\n".join("".join(f"{text}|" for text in row) for row in _matrix(grid))


def _spaces(grid: Grid) -> str:
    return "\n".join("    ".join(text for text in row if text) for row in _matrix(grid))


def _single_spaces(grid: Grid) -> str:
    return " ".join(text for row in _matrix(grid) for text in row if text)


def _printed(grid: Grid) -> list[str]:
    return [placed.cell.text.replace("\n", "") for row in grid.placed() for placed in row if placed.begins]


def _cell_lines(grid: Grid) -> str:
    return "\n".join(_printed(grid))


def _cell_blank_lines(grid: Grid) -> str:
    return "\n\n".join(_printed(grid))


def _run_together(grid: Grid) -> str:
    return "".join(_printed(grid))


def _torn(grid: Grid) -> str:
    if grid.stub == 0:
        return _pipes(grid)
    lines = []
    for row in grid.placed():
        printed = [placed.cell for placed in row if placed.begins]
        label = next((cell.text for cell in reversed(printed) if cell.kind in ("label", "head")), "")
        values = "| " + " | ".join(cell.text for cell in printed if cell.kind not in ("label", "head")) + " |"
        if not any(cell.kind == "value" for cell in printed):
            lines.append(" ".join(cell.text for cell in printed))
        elif len(label) < 11:
            lines.append("| " + " | ".join(cell.text for cell in printed) + " |")
        else:
            before = [cell.text for cell in printed if cell.kind == "label" and cell.text != label]
            lines += [*before, label[: len(label) // 2], values, label[len(label) // 2 :]]
    return "\n".join(lines)


def _flip_book(grid: Grid) -> str:
    lines: list[str] = []
    for i, text in enumerate(_printed(grid), start=1):
        lines.append(text)
        if i % 60 == 0:
            lines += ["", f"第{i // 60 + 1}页", ""]
    return "\n".join(lines)


def _markdown_table(grid: Grid) -> str:
    rows = ["| " + " | ".join(row) + " |" for row in _matrix(grid)]
    rule = "|" + "---|" * len(grid.rows[0])
    return "\n".join([rows[0], rule, *rows[1:]])


WRITERS: dict[str, Callable[[Grid], str]] = {
    "tabs": _tabs,
    "pipes": _pipes,
    "trailing_pipes": _trailing_pipes,
    "spaces": _spaces,
    "one_line": _single_spaces,
    "cell_lines": _cell_lines,
    "cell_blank_lines": _cell_blank_lines,
    "run_together": _run_together,
    "torn": _torn,
    "flip_book": _flip_book,
}
