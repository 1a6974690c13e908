"""Data packages: generated from the schemas, true to the files."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from package_rules import problems
from panel_inputs import write_reports

import giakit as gia
from giakit.panel.datapackage import (
    as_text,
    described,
    panel_datapackage,
    shipped_datapackage,
    texts,
    write_datapackage,
)
from giakit.panel.panel import Panel
from giakit.panel.pool import InProcess
from giakit.panel.schema import MANIFEST, TABLES, schema

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    folder = tmp_path_factory.mktemp("panel")
    return gia.build(write_reports(folder / "source", 4), folder / "panel", executor=InProcess())


def test_the_shipped_package_is_the_generated_one() -> None:
    written = (DATA / "datapackage.json").read_text(encoding="utf-8")
    assert written == as_text(shipped_datapackage()), "run: python -m giakit.panel.datapackage data"


def test_the_shipped_package_is_true_to_its_files() -> None:
    assert problems(json.loads((DATA / "datapackage.json").read_text(encoding="utf-8")), DATA) == []


def test_every_table_of_the_shipped_figures_is_in_it() -> None:
    listed = {entry["path"] for entry in shipped_datapackage()["resources"] if "path" in entry}
    assert listed == {path.relative_to(DATA).as_posix() for path in (DATA / "figures").glob("*.csv")}


def test_every_shipped_field_is_explained() -> None:
    for entry in shipped_datapackage()["resources"]:
        if entry["name"] != "codebook":
            assert all(field["description"] for field in entry["schema"]["fields"])


def test_the_licence_of_the_data_is_not_the_code_s() -> None:
    [licence] = shipped_datapackage()["licenses"]
    assert licence["name"] == "CC0-1.0"
    assert "MIT" in (ROOT / "LICENSE").read_text(encoding="utf-8")


def test_changes_of_data_are_logged_under_the_version_of_the_data() -> None:
    log = (ROOT / "DATA_CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\S+)", log, re.MULTILINE)
    assert newest is not None
    assert newest[1] == texts()["shipped"]["version"]


@pytest.mark.parametrize(
    ("table", "change", "problem"),
    [
        ("units", lambda entry: entry["schema"]["fields"].pop(), "units: fields are not the header"),
        ("tables", lambda entry: entry["schema"]["fields"][7].update(type="number"), "is no number"),
        (
            "tables",
            lambda entry: entry["schema"]["fields"][2]["constraints"].update(enum=["2021"]),
            "is not in the code list",
        ),
        ("stated", lambda entry: entry["schema"].update(primaryKey=["unit"]), "the key does not tell rows apart"),
        (
            "tables",
            lambda entry: entry["schema"]["foreignKeys"][0].update(fields=["table", "column", "row"]),
            "is not in codebook",
        ),
    ],
)
def test_the_rules_notice_a_package_that_is_not_true(table: str, change: object, problem: str) -> None:
    package = copy.deepcopy(shipped_datapackage())
    change(next(entry for entry in package["resources"] if entry["name"] == table))  # type: ignore[operator]
    assert any(problem in found for found in problems(package, DATA))


def test_frictionless_agrees() -> None:
    frictionless = pytest.importorskip("frictionless", reason="frictionless is not installed")
    report = frictionless.validate(str(DATA / "datapackage.json"))
    assert report.valid, report.flatten(["rowNumber", "fieldName", "message"])


def test_a_panel_s_package_names_every_live_file_and_its_columns(panel: Panel) -> None:
    package = panel_datapackage(panel)
    named = set()
    for entry in package["resources"]:
        if "path" not in entry:
            continue
        paths = entry["path"] if isinstance(entry["path"], list) else [entry["path"]]
        named |= set(paths)
        for path in paths:
            assert [field["name"] for field in entry["schema"]["fields"]] == pq.read_schema(panel.path / path).names
    assert named == {path.relative_to(panel.path).as_posix() for path in panel.index.hashes(panel.path)}
    assert str(panel.path) not in as_text(package)


def test_a_build_leaves_the_data_package_that_the_panel_has(panel: Panel) -> None:
    built = (panel.path / "datapackage.json").read_bytes()
    assert write_datapackage(panel).read_bytes() == built
    assert json.loads(built)["name"] == "giakit-panel"


@pytest.mark.parametrize("table", [*TABLES, MANIFEST])
def test_types_and_meanings_of_a_panel_s_fields(table: str) -> None:
    fields = described(table)
    assert [field["name"] for field in fields] == schema(table).names
    assert all(field.get("description") for field in fields)
