from __future__ import annotations

import random

import pandas as pd
import pytest

from giakit.checks import reuse
from giakit.errors import MissingExtra, UnknownChoice


def prose(seed: int, length: int) -> str:
    drawn = random.Random(seed)
    return "".join(chr(drawn.randrange(0x4E00, 0x9FA0)) for _ in range(length))


@pytest.fixture
def texts() -> pd.DataFrame:
    shared = prose(0, 300)
    bodies = {"copy_a": shared, "copy_b": shared[:200] + prose(1, 60), "own": prose(2, 300), "short": "无"}
    return pd.DataFrame({"report_id": list(bodies), "section": "overview", "text": list(bodies.values())})


@pytest.mark.parametrize("method", ["exact", "minhash"])
def test_a_copy_is_found_with_its_exact_similarity(texts: pd.DataFrame, method: str) -> None:
    if method == "minhash":
        pytest.importorskip("rensa")
    found = reuse.similar_sections(texts, threshold=0.4, method=method)
    assert found[["report_id_a", "report_id_b"]].values.tolist() == [["copy_a", "copy_b"]]
    a, b = ({text[n : n + 5] for n in range(len(text) - 4)} for text in texts["text"][:2])
    shared = a & b
    assert found["similarity"][0] == pytest.approx(len(shared) / (len(a) + len(b) - len(shared)))
    assert found["shared"][0] == len(shared)


def test_both_methods_agree_on_a_crowd() -> None:
    pytest.importorskip("rensa")
    base = [prose(n, 200) for n in range(5)]
    rows = [base[n % 5][: 200 - n] + prose(100 + n, n) for n in range(60)]
    frame = pd.DataFrame({"report_id": [f"r{n:02}" for n in range(60)], "section": "s", "text": rows})
    exact = reuse.similar_sections(frame, method="exact")
    quick = reuse.similar_sections(frame, method="minhash")
    missed = set(zip(exact["report_id_a"], exact["report_id_b"], strict=True)) - set(
        zip(quick["report_id_a"], quick["report_id_b"], strict=True)
    )
    assert len(exact) > 100
    assert len(missed) <= 0.01 * len(exact)
    assert len(quick) + len(missed) == len(exact)


def test_statute_phrases_names_and_figures_say_nothing() -> None:
    text = "根据《某某条例》，甲县乙局2024年主动公开政府信息12条。"
    assert reuse.clean(text, ["甲县乙局"]) == "根据年条"


def test_sections_are_not_mixed(texts: pd.DataFrame) -> None:
    frame = texts.assign(section=["overview", "problems", "overview", "overview"])
    assert reuse.similar_sections(frame, method="exact").empty


def test_boilerplate_counts_what_others_have(texts: pd.DataFrame) -> None:
    index = reuse.boilerplate(texts).set_index("report_id")["boilerplate"]
    assert index["own"] == 0
    assert 0.6 < index["copy_a"] < 0.7
    assert "short" not in index.index
    same_agency = {"copy_a": "A", "copy_b": "A"}
    assert reuse.boilerplate(texts, agencies=same_agency)["boilerplate"].tolist() == [0, 0, 0]


def test_unknown_method_and_missing_extra(texts: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownChoice, match="exact"):
        reuse.similar_sections(texts, method="cosine")
    monkeypatch.setattr(reuse, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match="text"):
        reuse.similar_sections(texts, method="minhash")
    assert len(reuse.similar_sections(texts, threshold=0.4)) == 1


def test_no_text_no_pair() -> None:
    empty = pd.DataFrame({"report_id": [], "section": [], "text": []}, dtype="str")
    assert reuse.similar_sections(empty).empty
    assert reuse.boilerplate(empty).empty
