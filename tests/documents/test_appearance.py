"""What is seen in a cell is what is read, or a finding says that it may not be."""

from __future__ import annotations

import pytest

from appearance import Kind, judge, kinds, sample

KINDS = [kind for kind in kinds() if kind.format != "pdf"]
PLAIN = {
    "html": (
        *("word_span", "word_pieces", "bold_digit", "red_digit", "hidden_by_style", "comment", "superscript"),
        *("white_on_black", "plain_math", "shown_by_its_own_style", "hidden_on_paper_only"),
    ),
    "docx": ("split_runs", "inserted", "field_result", "yellow_marker", "not_counted", "vanish"),
    "xlsx": ("thousands", "large_bold", "red", "rule_not_met", "errors_hidden", "soft_scale", "shrunk"),
}


def _name(kind: Kind) -> str:
    return f"{kind.format}-{kind.name}"


@pytest.mark.parametrize("kind", KINDS, ids=_name)
def test_nothing_is_read_that_is_not_seen(kind: Kind) -> None:
    verdict, took = judge(sample(kind.format), kind.change(sample(kind.format)))
    assert verdict != "silent", took


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind.name in PLAIN[kind.format] or kind.name.startswith("ordinary")], ids=_name
)
def test_what_is_plain_is_read(kind: Kind) -> None:
    assert judge(sample(kind.format), kind.change(sample(kind.format)))[0] == "exact"
