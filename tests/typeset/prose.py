"""Our own neutral sentences, and which figures they state."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from giakit.forms.model import Address
from typeset.model import Block, Grid, Text, number


@cache
def prose() -> dict[str, Any]:
    """The prose file."""
    return tomllib.loads((files("typeset") / "prose.toml").read_text(encoding="utf-8"))


def stated(sentence: str) -> list[str]:
    """The names in braces of a sentence."""
    return [name for _, name, _, _ in string.Formatter().parse(sentence) if name]


def filled(
    sentences: Iterable[str], figures: Mapping[Address, float], **words: object
) -> tuple[list[str], dict[str, float]]:
    """Sentences with their figures, and what they state by the name of the slot.

    A sentence that needs a figure that is not there is left out.
    """
    slots = {name: tuple(address) for name, address in prose()["slots"].items()}
    lines: list[str] = []
    told: dict[str, float] = {}
    for sentence in sentences:
        names = [name for name in stated(sentence) if name in slots]
        values = {name: figures.get(slots[name]) for name in names}
        if any(value is None for value in values.values()):
            continue
        known = {name: value for name, value in values.items() if value is not None}
        lines.append(sentence.format(**words, **{name: number(value) for name, value in known.items()}))
        told.update(known)
    return lines, told


def report_blocks(
    tables: Sequence[Grid],
    figures: Mapping[Address, float],
    *,
    unit: str,
    year: int,
    title: str,
    note: str | None,
    texts: Mapping[str, str | Sequence[str]] | None,
) -> tuple[list[Block], dict[str, float]]:
    """The report in reading order: title, preface, chapters, with each table in its chapter."""
    by_code = {grid.code: grid for grid in tables}
    chapters = prose()["statistics_chapters" if "statistics" in by_code else "chapters"]
    blocks: list[Block] = [Text(title, "title")]
    if note:
        blocks.append(Text(note, "note"))
    told: dict[str, float] = {}

    def say(key: str, sentences: Iterable[str]) -> None:
        own = None if texts is None else texts.get(key, ())
        if own is None:
            lines, values = filled(sentences, figures, unit=unit, year=year)
            told.update(values)
        else:
            lines = [own] if isinstance(own, str) else list(own)
        blocks.extend(Text(line) for line in lines)

    say("preface", prose()["preface"]["sentences"])
    for index, chapter in enumerate(chapters, start=1):
        blocks.append(Text(chapter["title"].format(unit=unit, year=year), "chapter"))
        say(str(index), chapter["sentences"])
        if chapter.get("table") in by_code:
            blocks.append(by_code[chapter["table"]])
    return blocks, told
