"""Files: the same bytes twice, letters embedded, no box, and SIMULATED said everywhere or nowhere."""

from __future__ import annotations

import re

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib import font_manager

import giakit.figures as figures
from giakit.figures.saving import Unmarked

DATA = pd.DataFrame(
    {
        "year": pd.array([2023, None], dtype="Int64"),
        "rate": pd.array([0.5, None], dtype="Float64"),
        "unit": ["杭州市", "x"],
    }
)


def drawn(title="Rates"):
    figure, ax = plt.subplots(figsize=(3, 2))
    ax.plot([0, 1], [0, 1])
    ax.set_title(title)
    return figure


def test_two_runs_give_the_same_bytes(tmp_path):
    figures.set_style()
    for run in ("a", "b"):
        figures.save(drawn(), "rates", tmp_path / run, data=DATA)
    for ending in ("pdf", "png", "csv"):
        assert (tmp_path / "a" / f"rates.{ending}").read_bytes() == (tmp_path / "b" / f"rates.{ending}").read_bytes()


def test_pdf_embeds_type_42_and_tells_no_date(tmp_path):
    path = figures.save(drawn(), "rates", tmp_path, data=DATA)[0]
    content = path.read_bytes()
    assert b"/CIDFontType2" in content or b"/TrueType" in content
    assert b"/Type3" not in content
    assert b"CreationDate" not in content


def test_png_has_300_dots_an_inch(tmp_path):
    from PIL import Image

    with Image.open(figures.save(drawn(), "rates", tmp_path, data=DATA)[1]) as image:
        assert image.size == (900, 600)
        assert round(image.info["dpi"][0]) == 300


def test_csv_keeps_what_is_missing_missing(tmp_path):
    path = figures.save(drawn(), "rates", tmp_path, data=DATA)[2]
    assert path.read_text(encoding="utf-8") == "year,rate,unit\n2023,0.5,杭州市\n,,x\n"


def test_a_character_without_glyph_is_an_error(tmp_path):
    figures.set_style()
    with pytest.raises(figures.MissingGlyphs, match="杭州") as caught:
        figures.save(drawn("杭州"), "rates", tmp_path, data=DATA)
    assert caught.value.characters == "杭州"


def test_simulated_is_said_in_title_and_name(tmp_path):
    with pytest.raises(Unmarked, match="name of the file"):
        figures.save(drawn("SIMULATED: rates"), "rates", tmp_path, data=DATA)
    with pytest.raises(Unmarked, match="title"):
        figures.save(drawn("Rates"), "rates_SIMULATED", tmp_path, data=DATA)
    assert len(figures.save(drawn("SIMULATED: rates"), "rates_SIMULATED", tmp_path, data=DATA)) == 3


def test_a_chinese_font_that_is_newer_than_the_list_of_matplotlib_is_found(monkeypatch):
    try:
        found = figures.cjk_font()
    except figures.MissingFont:
        pytest.skip("no font with Chinese characters")
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [])
    assert figures.cjk_font() == found


def test_without_a_chinese_font_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [])
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [])
    with pytest.raises(figures.MissingFont, match="fonts-noto-cjk"):
        figures.set_style("zh")


def test_every_public_name_is_there_and_hides_no_module():
    import pkgutil

    modules = {module.name for module in pkgutil.iter_modules(figures.__path__)}
    assert not modules & set(figures.__all__)
    for name in figures.__all__:
        assert getattr(figures, name) is not None
    assert re.fullmatch(r".*giakit\.mplstyle", figures.STYLE)
    with pytest.raises(AttributeError):
        figures.nothing  # noqa: B018
