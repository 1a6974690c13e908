"""What is seen in a cell is what is read, or a finding says that it may not be."""

from __future__ import annotations

import pytest

from appearance import Kind, judge, kinds, sample

HTML = [kind for kind in kinds() if kind.format == "html"]
PLAIN = ("word_span", "word_pieces", "bold_digit", "red_digit", "hidden_by_style", "comment", "superscript")


@pytest.mark.parametrize("kind", HTML, ids=[kind.name for kind in HTML])
def test_nothing_is_read_that_is_not_seen(kind: Kind) -> None:
    verdict, took = judge(sample("html"), kind.change(sample("html")))
    assert verdict != "silent", took


@pytest.mark.parametrize("kind", [kind for kind in HTML if kind.name in PLAIN], ids=PLAIN)
def test_what_is_plain_is_read(kind: Kind) -> None:
    assert judge(sample("html"), kind.change(sample("html")))[0] == "exact"
