"""The shipped tables as frames, and what they hold."""

from __future__ import annotations

import csv
import tomllib
from importlib.resources import files

import giakit.places
from giakit.places import divisions, policy_areas, provinces, tiles
from giakit.places.gazetteer import areas, by_code
from giakit.places.resolver import _domains

DATA = files("giakit.places") / "data"


def test_provinces_have_english_names() -> None:
    english = provinces().set_index("short")["english"]
    assert len(english) == english.nunique() == 31
    assert english[["陕西", "山西", "内蒙古", "西藏"]].tolist() == ["Shaanxi", "Shanxi", "Inner Mongolia", "Tibet"]


def test_tiles_hold_every_province_once() -> None:
    frame = tiles()
    assert set(frame["code"]) == set(provinces()["code"])
    assert not frame.duplicated(["row", "column"]).any()


def test_divisions_of_a_year() -> None:
    now, then = divisions(), divisions(2008)
    assert now["code"].is_unique
    assert then["code"].is_unique
    assert "崇文区" in set(then["name"])
    assert "崇文区" not in set(now["name"])
    assert now["prefecture"].isna().sum() > 34


def test_codes_in_the_tables_exist() -> None:
    codes = by_code().keys()
    assert {area.within for area in areas().values()} <= codes
    assert set(_domains().values()) <= codes


def test_no_name_belongs_to_two_functions_or_areas() -> None:
    raw = tomllib.loads((DATA / "functions.toml").read_text(encoding="utf-8"))
    entries = [entry for function in raw["function"] for entry in (function, *function.get("before", ()))]
    names = [name for entry in entries for name in entry.get("names", ())]
    assert not {name for name in names if names.count(name) > 1}
    rows = list(csv.DictReader((DATA / "areas.csv").read_text(encoding="utf-8").splitlines()))
    words = [name for row in rows for name in (row["name"], *filter(None, row["aliases"].split("|")))]
    assert not {word for word in words if words.count(word) > 1}
    assert policy_areas()["policy_area"].is_unique


def test_shipped_files_have_no_byte_order_mark() -> None:
    for path in DATA.iterdir():
        assert not path.read_bytes().startswith(b"\xef\xbb\xbf"), path.name


def test_everything_offered_is_there() -> None:
    assert all(getattr(giakit.places, name) is not None for name in giakit.places.__all__)
