"""The two READMEs are twins: the same parts, commands, codes and numbers, each under two screens."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from giakit.cli import cli

ROOT = Path(__file__).resolve().parents[1]
TWINS = [(ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md")]


def shape(text: str) -> list[str]:
    """What each line is: heading, list item, row of a table, code."""
    kinds = [
        (r"#+ ", "heading"),
        (r"- ", "item"),
        (r"\|", "row"),
        (r"!\[", "picture"),
        (r"```", "fence"),
        (r"    \S", "command"),
    ]
    return [kind for line in text.splitlines() for pattern, kind in kinds if re.match(pattern, line)]


def commands(text: str) -> list[str]:
    """Commands and code without their comments."""
    inside, found = False, []
    for line in text.splitlines():
        if line.startswith("```"):
            inside = not inside
        elif (inside or line.startswith("    ")) and line.strip():
            found.append(line.partition("#")[0].strip())
    return found


def test_the_same_parts_in_the_same_order() -> None:
    assert shape(TWINS[0]) == shape(TWINS[1])


def test_the_same_commands() -> None:
    assert commands(TWINS[0]) == commands(TWINS[1])


def test_the_same_codes_and_years() -> None:
    for pattern in (r"`[^`\n]+`", r"(?<!\d)20\d\d(?!\d)", r"\]\((docs[^)]*)\)"):
        one, other = (
            sorted(re.findall(pattern, re.sub(r"(?m)^(    .*|```(?:.|\n)*?```)$", "", text))) for text in TWINS
        )
        assert one == other


@pytest.mark.parametrize("text", TWINS)
def test_under_two_screens(text: str) -> None:
    assert len(text.splitlines()) <= 80


def test_every_command_of_giakit_exists_with_its_options() -> None:
    told = [line for line in commands(TWINS[0]) if line.startswith("giakit ")] + [
        code[1:-1] for code in re.findall(r"`giakit [^`]+`", TWINS[0])
    ]
    assert len(told) > 8
    for line in told:
        name, *rest = shlex.split(line)[1:]
        if name.startswith("--"):
            continue
        options = {option for parameter in cli.commands[name].params for option in parameter.opts}
        assert {word for word in rest if word.startswith("--")} <= options
