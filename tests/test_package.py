"""What the package asks for: bounds, the oldest versions tested, extras that errors name and that can be missing."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version
from panel_inputs import write_reports

import giakit as gia
from giakit.checks.reuse import similar_sections
from giakit.errors import MissingExtra
from giakit.notebook import run_notebooks
from giakit.panel.pool import InProcess, scheduled
from giakit.share.export import export

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
FOR_DEVELOPERS = {"docs", "test"}


def bounds(asked: list[str]) -> dict[str, Version]:
    """Lower bounds by name; a requirement without one fails."""
    found = {}
    for requirement in map(Requirement, asked):
        if requirement.name != PROJECT["name"]:
            (lower,) = [part.version for part in requirement.specifier if part.operator == ">="]
            found[requirement.name] = Version(lower)
    return found


def test_everything_has_a_lower_bound() -> None:
    for asked in (PROJECT["dependencies"], *EXTRAS.values()):
        assert bounds(asked)


def test_the_oldest_versions_tested_are_the_lower_bounds() -> None:
    lines = (ROOT / "constraints-oldest.txt").read_text(encoding="utf-8").splitlines()
    pins = {name: Version(version) for name, _, version in (line.partition("==") for line in lines) if version}
    asked = bounds(PROJECT["dependencies"])
    for extra, needed in EXTRAS.items():
        if extra not in FOR_DEVELOPERS:
            asked |= bounds(needed)
    assert {name: pins.get(name) for name in asked} == asked


def test_extras_that_are_named_exist() -> None:
    files = [path for folder in ("giakit", "docs") for path in (ROOT / folder).rglob("*.*")]
    texts = [
        path.read_text(encoding="utf-8")
        for path in [*files, *ROOT.glob("*.md")]
        if path.suffix in (".py", ".md") and "_build" not in path.parts
    ]
    named = {extra for text in texts for extra in re.findall(r"giakit\[([a-z]+)\]", text)}
    named |= {extra for text in texts for extra in re.findall(r'MissingExtra\("\w+", "(\w+)"\)', text)}
    assert {"ocr", "export"} <= named <= set(EXTRAS)


def test_versions_of_python() -> None:
    (oldest,) = re.findall(r">=3\.(\d+)", PROJECT["requires-python"])
    named = [int(minor) for minor in re.findall(r"Python :: 3\.(\d+)", " ".join(PROJECT["classifiers"]))]
    assert named == list(range(int(oldest), max(named) + 1))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"Python 3.{oldest}-3.{max(named)}" in readme


def fixed_effects(folder: Path) -> object:
    frame = pd.DataFrame({"y": [1.0, 2.0], "x": [0.0, 1.0], "province": ["a", "b"]})
    return gia.metrics.fit_fixed_effects(frame, "y ~ x | province")


def sections(folder: Path) -> object:
    texts = pd.DataFrame({"report_id": ["a", "b"], "section": "overview", "text": ["公开", "公开"]})
    return similar_sections(texts, method="minhash")


def stata(folder: Path) -> object:
    gia.build(write_reports(folder / "source", 1), folder / "panel", executor=InProcess())
    return export(folder / "panel", to="dta", out=folder / "out")


def cluster(folder: Path) -> object:
    return scheduled("tcp://127.0.0.1:1").__enter__()


@pytest.mark.parametrize(
    ("package", "extra", "use"),
    [
        ("nbclient", "notebooks", lambda folder: run_notebooks(panel=None, out=folder / "out")),
        ("pyfixest", "fe", fixed_effects),
        ("rensa", "text", sections),
        ("distributed", "dask", cluster),
        ("pyreadstat", "export", stata),
    ],
)
def test_what_is_missing_is_named_with_its_extra(
    package: str, extra: str, use: Callable[[Path], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=rf"{package} .*giakit\[{extra}\]"):
        use(tmp_path)
    assert not (tmp_path / "out").exists()


def test_the_conda_recipe_asks_for_what_the_package_needs() -> None:
    recipe = yaml.safe_load((ROOT / "packaging/conda/recipe.yaml").read_text(encoding="utf-8"))
    named = {"matplotlib-base": "matplotlib"}
    asked = dict(line.split(" ", 1) for line in recipe["requirements"]["run"])
    asked.pop("python")
    needed = {str(part.name): str(part.specifier) for part in map(Requirement, PROJECT["dependencies"])}
    assert {named.get(name, name): bound for name, bound in asked.items()} == needed
    assert recipe["context"]["version"] == gia.__version__


def test_python_m_giakit_is_the_command() -> None:
    answer = subprocess.run([sys.executable, "-m", "giakit", "--version"], capture_output=True, text=True)
    assert answer.stdout.strip() == f"giakit {gia.__version__}"
