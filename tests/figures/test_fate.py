"""The fate of requests: what is drawn is what the data say."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from giakit.errors import MissingColumns, UnknownChoice
from giakit.figures import colour, fate_of_requests, fate_of_requests_data, outcomes, outcomes_data
from giakit.figures.fate import GROUPS


def test_shares_of_huaian(huaian):
    data = fate_of_requests_data(huaian).set_index("outcome")
    counts = {"granted": 1362, "partial": 454, "denied": 178, "unable": 781, "not_processed": 88, "other": 187}
    assert data["count"].to_dict() == counts
    assert data["share"].sum() == pytest.approx(1)
    assert data["share"].round(3).to_dict() == {code: round(n / 3050, 3) for code, n in counts.items()}
    assert data["disclosed"].round(3).unique().tolist() == [0.595]
    assert data["disclosed_low"].round(3).iloc[0] == 0.578
    assert data["disclosed_high"].round(3).iloc[0] == 0.613


def test_segments_have_the_width_and_colour_of_their_outcome(huaian):
    ax = fate_of_requests(huaian)
    widths = [patch.get_width() for patch in ax.patches]
    assert widths == pytest.approx([n / 3050 for n in (1362, 454, 178, 781, 88, 187)])
    left = [patch.get_x() for patch in ax.patches]
    assert left == pytest.approx(np.concatenate([[0], np.cumsum(widths)[:-1]]))
    shades = [plt.matplotlib.colors.to_hex(patch.get_facecolor()).upper() for patch in ax.patches]
    assert shades == [colour(group).upper() for group in GROUPS]


def test_a_report_that_does_not_close_is_left_out_and_counted(huaian):
    broken = huaian.assign(closed=pd.array([3051], dtype="Float64"), year=pd.array([2025], dtype="Int64"))
    both = pd.concat([huaian, broken], ignore_index=True)
    data = fate_of_requests_data(both)
    assert data["n_left_out"].unique().tolist() == [1]
    assert data["closed"].unique().tolist() == [3050.0]
    by_year = fate_of_requests_data(both, by="year")
    assert by_year.loc[by_year["year"] == 2025, "share"].isna().all()
    ax = fate_of_requests(both, by="year")
    assert len(ax.get_yticks()) == 2
    assert "do not add up" in ax.giakit.caption


def test_a_blank_total_is_not_zero(huaian):
    blank = huaian.assign(closed=pd.array([None], dtype="Float64"), carried_out=pd.array([None], dtype="Float64"))
    data = fate_of_requests_data(blank)
    assert data["share"].isna().all()
    assert data["n_left_out"].unique().tolist() == [1]


def test_one_row_of_other_handling(huaian):
    old = huaian.drop(columns=["other_uncorrected", "other_unpaid", "other_rest"]).assign(other=187.0, form="2019")
    rows = outcomes_data(old)
    assert rows["outcome"].tolist()[-1] == "other"
    assert len(rows) == 19
    assert rows["count"].sum() == 3050


def test_dots_stand_at_their_share(huaian):
    ax = outcomes(huaian)
    data = outcomes_data(huaian)
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [float(dot.get_xdata()[0]) for dot in dots] == pytest.approx(data["share"].astype(float).tolist())


def test_axes_in_axes_out_and_nothing_is_changed(huaian):
    before = huaian.copy(deep=True)
    ax = plt.subplots()[1]
    assert fate_of_requests(huaian, ax) is ax
    pd.testing.assert_frame_equal(huaian, before)


def test_errors_say_what_is_wrong(huaian):
    with pytest.raises(MissingColumns, match="granted"):
        fate_of_requests(huaian.drop(columns="granted"))
    with pytest.raises(UnknownChoice, match="groups, rows"):
        fate_of_requests_data(huaian, detail="cells")
    with pytest.raises(UnknownChoice, match="zh"):
        fate_of_requests(huaian, lang="fr")
    with pytest.raises(TypeError):
        fate_of_requests(huaian, None, "year")


def test_a_report_that_closed_nothing_is_not_called_wrong(huaian):
    counted = [name for name in huaian.columns if str(huaian[name].dtype) == "Float64"]
    nothing = huaian.assign(**dict.fromkeys(counted, 0.0), year=pd.array([2023], dtype="Int64"))
    both = pd.concat([huaian, nothing.astype(dict.fromkeys(counted, "Float64"))], ignore_index=True)
    data = fate_of_requests_data(both, by="year").drop_duplicates("year").set_index("year")
    assert data["n_empty"].to_dict() == {2023: 1, 2024: 0}
    assert data["n_left_out"].to_dict() == {2023: 0, 2024: 0}
    ax = fate_of_requests(both, by="year")
    assert any(text.get_text() == "closed nothing" for text in ax.texts)
    assert "do not add up" not in ax.giakit.caption


def test_labels_follow_their_codes(huaian):
    both = pd.concat([huaian, huaian.assign(year=pd.array([2023], dtype="Int64"))], ignore_index=True)
    ax = fate_of_requests(both, by="year", labels={2024: "later", 2023: "earlier"})
    assert [label.get_text() for label in ax.get_yticklabels()] == ["earlier", "later"]
    ax = fate_of_requests(both, by="year", labels=["first", "second"])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["first", "second"]
