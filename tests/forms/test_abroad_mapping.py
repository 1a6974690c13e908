"""Each outcome row has one category in each system abroad."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from giakit.errors import FormError, UnknownChoice
from giakit.forms.abroad import abroad, read_systems, system, systems
from giakit.forms.load import read_data


@pytest.fixture
def raw() -> dict[str, Any]:
    return copy.deepcopy(read_data("abroad"))


def test_each_system_maps_the_21_outcomes_and_has_caveats() -> None:
    for id, found in systems().items():
        rows = [row for category in found.categories for row in category.rows if row != "other"]
        assert len(rows) == len(set(rows)) == 21
        assert any("full refusals" in caveat for caveat in found.caveats), id


def test_the_mapping_of_the_methods_note() -> None:
    frame = abroad().query("system == 'us_foia'").set_index("row")["category"]
    assert frame["granted"] == "full_grants"
    assert frame["denied_enforcement"] == "full_denials_exemptions"
    assert frame["denied_inquiry"] == "improper_or_other"
    assert frame["other_unpaid"] == "fee_related"


def test_a_row_left_out_told_twice_or_unknown_is_refused(raw: dict[str, Any]) -> None:
    twice, unknown = copy.deepcopy(raw), copy.deepcopy(raw)
    raw["systems"][0]["categories"][0]["rows"] = []
    with pytest.raises(FormError, match="'granted' has no category"):
        read_systems(raw)
    twice["systems"][0]["categories"][0]["rows"].append("partial")
    with pytest.raises(FormError, match="2 categories"):
        read_systems(twice)
    unknown["systems"][0]["categories"][0]["rows"].append("closed")
    with pytest.raises(FormError, match="no outcome row"):
        read_systems(unknown)


def test_each_category_is_called_by_its_own_name_in_chinese() -> None:
    for found in systems().values():
        labels = [category.label_zh for category in found.categories]
        assert len(set(labels)) == len(labels)
        assert not [label for label in labels if label.isascii()]


def test_an_unknown_system_says_what_there_is() -> None:
    with pytest.raises(UnknownChoice, match="us_foia, uk_foi, br_lai"):
        system("india")
