"""The palette is told apart in grey and by readers who do not tell red from green."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from matplotlib import colors

from giakit.errors import UnknownChoice
from giakit.figures import colour, palette, set_style, size, style
from giakit.figures.fate import GROUPS

# Machado, Oliveira and Fernandes (2009), severity 1.
DEFICIENCIES = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}  # fmt: skip


def linear(shade: str) -> np.ndarray:
    rgb = np.array(colors.to_rgb(shade))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ np.clip(rgb, 0, 1)
    scaled = xyz / np.array([0.9505, 1.0, 1.089])
    f = np.where(scaled > 0.008856, np.cbrt(scaled), 7.787 * scaled + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_neighbours_in_a_bar_differ_in_grey():
    lightness = [lab(linear(colour(group)))[0] for group in GROUPS]
    assert min(abs(a - b) for a, b in pairwise(lightness)) > 25


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_outcomes_differ_for_every_reader(deficiency):
    matrix = np.array(DEFICIENCIES[deficiency])
    seen = {group: lab(matrix @ linear(colour(group))) for group in GROUPS}
    for one, other in combinations(GROUPS, 2):
        assert np.linalg.norm(seen[one] - seen[other]) > 14, (one, other)


def test_a_row_has_the_colour_of_its_group():
    assert colour("denied_process") == colour("denied")
    assert colour("other_unpaid") == colour("other")
    assert len({colour(group) for group in GROUPS}) == len(GROUPS)


def test_every_colour_is_a_colour():
    for family in ("outcomes", "remedies", "verdicts", "statuses", "roles"):
        assert all(colors.is_color_like(shade) for shade in palette()[family].values())


def test_unknown_names_are_refused():
    with pytest.raises(UnknownChoice, match="granted"):
        colour("grantedd")
    with pytest.raises(UnknownChoice, match="outcomes"):
        colour("granted", "colours")
    with pytest.raises(UnknownChoice):
        size(3)
    with pytest.raises(UnknownChoice, match="zh"):
        set_style("fr")


def test_the_style_sheet_embeds_letters():
    rules = style.rules("en")
    assert rules["pdf.fonttype"] == 42
    assert rules["font.sans-serif"][0] == "DejaVu Sans"


@pytest.mark.parametrize("deficiency", [None, *DEFICIENCIES])
def test_series_are_told_apart_by_every_reader(deficiency):
    matrix = np.eye(3) if deficiency is None else np.array(DEFICIENCIES[deficiency])
    seen = {name: lab(matrix @ linear(colour(name, "roles"))) for name in ("main", "second", "third", "fourth")}
    for one, other in combinations(seen, 2):
        assert np.linalg.norm(seen[one] - seen[other]) >= 20, (one, other)


def test_one_colour_has_one_meaning():
    families = ("outcomes", "remedies", "verdicts", "statuses", "states", "roles")
    meanings: dict[str, set[str]] = {}
    for family in families:
        for name, shade in palette()[family].items():
            meanings.setdefault(shade.upper(), set()).add(name)
    assert {shade: names for shade, names in meanings.items() if len(names) > 1} == {}
