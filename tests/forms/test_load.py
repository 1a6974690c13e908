"""The shipped forms hold together, and a broken copy is refused."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giakit.errors import FormError, UnknownChoice
from giakit.forms import form, forms, tables
from giakit.forms.codebook import traditional
from giakit.forms.labels import bare_key, key
from giakit.forms.model import Label, Table

FORMS = sorted(forms())
NAMES = ("forms", "requests", "remedies", "proactive", "statistics")


def labels(table: Table) -> list[Label]:
    return [*table.rows, *table.columns, *table.groups, *table.column_groups]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in NAMES:
        source = files("giakit.forms") / "data" / f"{name}.toml"
        (tmp_path / f"{name}.toml").write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def broken(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / f"{name}.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_forms_have_the_cells_that_the_notices_prescribe() -> None:
    sizes = {id: {code: len(table.cells[id]) for code, table in form(id).tables.items()} for id in ("2021", "2019")}
    assert sizes["2021"] == {"proactive": 10, "requests": 175, "remedies": 15}
    assert sizes["2019"] == {"proactive": 22, "requests": 161, "remedies": 15}
    assert form("2014").tables["statistics"].column_codes("2014") == ["count"]
    assert form("local").tables["statistics"].column_codes("local") == ["count", "cumulative"]


@pytest.mark.parametrize("id", FORMS)
def test_every_label_hits_one_code_in_its_context(id: str) -> None:
    for table in form(id).tables.values():
        for listed in (table.rows, table.columns):
            hits: dict[tuple[str, str], set[str]] = {}
            for label in listed:
                if id in label.forms:
                    for name in (label.label, *label.aliases):
                        hits.setdefault((label.group, key(name)), set()).add(label.code)
                        hits.setdefault((label.group, bare_key(name) or key(name)), set()).add(label.code)
            assert {place: codes for place, codes in hits.items() if len(codes) > 1} == {}


@pytest.mark.parametrize("id", FORMS)
def test_every_code_has_a_gloss_and_identities_name_codes(id: str) -> None:
    for table in form(id).tables.values():
        assert all(label.gloss and label.label for label in labels(table))
    for identity in form(id).identities:
        table = form(id).tables[identity.table]
        known = {label.code for label in (table.rows if identity.axis == "column" else table.columns)}
        assert {*identity.left, *identity.right} <= known


def test_rows_reached_by_each_identity_cover_the_outcomes() -> None:
    outcomes = next(identity for identity in form("2021").identities if identity.id == "H2")
    rows = form("2021").tables["requests"].rows
    grouped = {row.code for row in rows if row.group and row.code != "closed"} | {"other"}
    assert set(outcomes.left) == grouped


@pytest.mark.parametrize("table", tables().values(), ids=lambda table: table.code)
def test_traditional_labels_have_the_key_of_the_official_ones(table: Table) -> None:
    for label in labels(table):
        for name in (label.label, *label.aliases):
            assert key(traditional(name)) == key(name)


@pytest.mark.parametrize(
    ("table", "printed", "code"),
    [
        ("statistics", "其中：1.网站公开", "via_website"),
        ("statistics", "3.否决公开答复数", "reply_denied"),
        ("statistics", "3.否决公开答复总数", "reply_denied_broad"),
        ("statistics", "8.不予公开答复总数", "reply_denied"),
        ("statistics", "行政申诉、举报数", "complaints"),
        ("statistics", "行政申诉数", "appeals"),
        ("statistics", "3、信函、传真申请数", "received_mail_fax"),
        ("proactive", "规范性文件", "normative_documents"),
        ("requests", "（六）其他处理", "other"),
    ],
)
def test_labels_met_in_reports(table: str, printed: str, code: str) -> None:
    hit = {row.code for row in tables()[table].rows if key(printed) in map(key, (row.label, *row.aliases))}
    assert hit == {code}


def test_dingxi_refusals_stand_apart_from_kinds_of_reply() -> None:
    """Dingxi counts non-existence among the refusals, Pudong beside them: same words, other codes."""
    rows = {row.code: row for row in tables()["statistics"].rows}
    assert key("“信息不存在”数") == key(rows["reply_not_exist"].aliases[0])
    assert rows["refusal_not_exist"].group == "refusals" == rows["reply_denied_broad"].group
    assert rows["reply_denied_broad"].opens
    replies = next(identity for identity in form("local").identities if identity.id == "S3")
    assert {"reply_denied", "reply_denied_broad", "reply_not_exist"} <= set(replies.left)
    assert "refusal_not_exist" not in replies.left


def test_numbered_scopes_of_refusal_have_no_code() -> None:
    """Their numbers mean other things in other places, and a key drops numbers."""
    keys = {key(name) for row in tables()["statistics"].rows for name in (row.label, *row.aliases)}
    assert key("“免予公开范围1”数") not in keys
    assert key("“不予公开范围1”数") not in keys


def test_the_copy_is_read(copy: Path) -> None:
    assert {id: len(list(each.cells())) for id, each in forms(copy).items()} == {
        id: len(list(each.cells())) for id, each in forms().items()
    }


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        ("requests", 'label = "2.重复申请"', 'label = "2.要求提供公开出版物"', "hits both"),
        ("requests", 'aliases = ["公益组织", "社会公益性组织"]', 'aliases = ["其它"]', "hits both"),
        ("requests", 'gloss = "repeated request"', 'gloss = ""', "has no gloss"),
        ("requests", 'gloss = "repeated request"\n', "", "has no gloss"),
        ("requests", 'code = "granted"', 'code = "partial"', "stands twice"),
        ("requests", 'label = "自然人"', 'label = "1."', "without a character"),
        ("requests", 'group = "denied"', 'group = "denide"', "unknown group"),
        ("requests", 'forms = ["2019"]\ntolerated', 'forms = ["2018"]\ntolerated', "unknown form"),
        ("requests", 'gloss = "repeated request"', 'gloss = "x"\nnote = "y"', "unknown fields"),
        ("requests", "headings = ", "heading = ", "is missing"),
        ("requests", '[[rows]]\ncode = "new"', '[[rows]\ncode = "new"', "no valid TOML"),
        ("proactive", '"2021" = ["issued"', '"2021" = ["made"', "column that the form lacks"),
        ("remedies", 'label = "结果维持"', 'label = "结果纠正"', "hits both"),
        ("statistics", 'label = "“信息不存在”数"', 'label = "“非本部门掌握”数"', "hits both"),
        ("forms", 'left = ["upheld",', 'left = ["upholded",', "unknown code"),
        ("forms", 'table = "remedies"', 'table = "remedy"', "unknown table"),
        ("forms", 'tables = ["statistics"]', 'tables = ["statistic"]', "missing"),
    ],
)
def test_a_broken_copy_is_refused(copy: Path, name: str, old: str, new: str, reason: str) -> None:
    broken(copy, name, old, new)
    with pytest.raises(FormError, match=reason):
        forms(copy)


@pytest.mark.parametrize("name", NAMES)
def test_a_copy_without_a_file_is_refused(copy: Path, name: str) -> None:
    (copy / f"{name}.toml").unlink()
    with pytest.raises(FormError, match="is missing"):
        forms(copy)


def test_an_unknown_form_says_what_there_is() -> None:
    with pytest.raises(UnknownChoice, match="2014, local"):
        form("2020")


@given(st.text(max_size=40))
def test_a_key_is_its_own_key(text: str) -> None:
    assert key(key(text)) == key(text)


@given(st.sampled_from([row for table in tables().values() for row in table.rows]), st.integers(1, 9))
def test_numbering_and_space_do_not_change_a_key(row: Label, number: int) -> None:
    bare = key(row.label)
    assert key(f"（{number}）{bare[0]} \u3000{bare[1:]}") == bare
