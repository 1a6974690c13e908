"""Writing of made pages: only what has changed, so that Sphinx builds only that anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path


def write(path: Path, text: str) -> None:
    """Write a page unless it says the same already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8", newline="\n")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(entry) for entry in line) + " |" for line in lines) + "\n"


def _cell(entry: str) -> str:
    return entry.replace("|", "\\|").replace("\n", " ")


def code(*names: str) -> str:
    """Names in code type, joined by commas."""
    return ", ".join(f"`{name}`" for name in names if name)
