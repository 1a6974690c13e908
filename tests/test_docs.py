"""The site: its examples run, its links lead somewhere, every public function has an example, and it builds."""

from __future__ import annotations

import doctest
import importlib.util
import inspect
import re
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import giakit as gia
from giakit.data import shipped

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(
    path
    for path in DOCS.rglob("*.md")
    if not {"_build", "_generated", "gallery", "reference"} & set(path.relative_to(DOCS).parts)
)
OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
ROOMS = (
    "giakit",
    "giakit.metrics",
    "giakit.figures",
    "giakit.places",
    "giakit.forms",
    "giakit.simulate",
    "giakit.metrics.covariates",
)
FENCE = re.compile(r"^```pycon\n(.*?)^```", re.M | re.S)
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)")
MADE = ("gallery/", "reference/")
"""Folders whose pages are made when the site is built."""


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the reports and the panel that the pages speak of."""
    folder = tmp_path_factory.mktemp("docs")
    shutil.copytree(shipped("data/reports"), folder / "downloads")
    gia.build(folder / "downloads", folder / "panel", jobs=1, progress=False)
    return folder


def identity(path: Path) -> str:
    return path.relative_to(DOCS).as_posix()


def examples(path: Path) -> str:
    """The examples of a page, each on its line of the page."""
    text = path.read_text(encoding="utf-8")
    lines = [""] * (text.count("\n") + 2)
    for found in FENCE.finditer(text):
        first = text.count("\n", 0, found.start(1))
        for number, line in enumerate(found[1].splitlines()):
            lines[first + number] = line
    return "\n".join(lines)


@pytest.mark.parametrize(
    "path", [path for path in PAGES if FENCE.search(path.read_text(encoding="utf-8"))], ids=identity
)
def test_examples_of_a_page_run(path: Path, shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(shelf, tmp_path / "work")
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("MPLBACKEND", "Agg")
    test = doctest.DocTestParser().get_doctest(examples(path), {}, identity(path), str(path), 0)
    told: list[str] = []
    outcome = doctest.DocTestRunner(optionflags=OPTIONS).run(test, out=told.append)
    import matplotlib.pyplot as plt

    plt.close("all")
    assert not outcome.failed, "".join(told)


@pytest.mark.parametrize("path", PAGES, ids=identity)
def test_links_lead_to_pages_that_are_there(path: Path) -> None:
    for target, anchor in LINK.findall(path.read_text(encoding="utf-8")):
        if target.startswith(("http://", "https://")):
            continue
        page = path if not target else (path.parent / target).resolve()
        if page.relative_to(DOCS).as_posix().startswith(MADE):
            source = ROOT / "notebooks" / page.name
            assert page.suffix != ".ipynb" or source.exists(), target
            continue
        assert page.exists(), target
        assert not anchor or anchor in anchors(page), f"{target}#{anchor}"


def anchors(page: Path) -> set[str]:
    """Anchors of the headings of a page."""
    headings = re.findall(
        r"^#+ (.+)$", re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S), re.M
    )
    return {
        re.sub(
            r"[^\w\- ]", "", heading.lower().replace(".", "-") if heading.endswith(".csv") else heading.lower()
        ).replace(" ", "-")
        for heading in headings
    }


def test_every_page_stands_in_a_list_of_contents() -> None:
    listed = set()
    for path in PAGES:
        for tree in re.findall(r"```\{toctree\}\n(.*?)```", path.read_text(encoding="utf-8"), re.S):
            lines = [line.strip() for line in tree.splitlines() if line.strip() and not line.startswith(":")]
            names = [re.sub(r".*<(.+)>", r"\1", line) for line in lines]
            listed |= {(path.parent / name).relative_to(DOCS).as_posix() for name in names}
    pages = {identity(path).removesuffix(".md") for path in PAGES} - {"index"}
    assert pages <= listed
    assert listed <= pages | {"gallery/index", "reference/index"}


def public() -> list[tuple[str, object]]:
    """Public functions of every room."""
    found = []
    for room in ROOMS:
        module = import_module(room)
        names = getattr(module, "__all__", None) or [name for name in vars(module) if not name.startswith("_")]
        for name in names:
            thing = getattr(module, name)
            if inspect.isfunction(inspect.unwrap(thing)) and thing.__module__.startswith("giakit"):
                found.append((f"{room}.{name}", thing))
    return found


def test_every_public_function_has_a_docstring() -> None:
    assert not [name for name, thing in public() if not (inspect.getdoc(thing) or "").strip()]


def test_every_public_function_has_an_example() -> None:
    assert not [name for name, thing in public() if ">>>" not in (inspect.getdoc(thing) or "")]


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("sphinx") is None, reason='the site needs pip install "giakit[docs]"')
def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-b", "html", str(DOCS), str(tmp_path / "html")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    for page in (
        "index.html",
        "start.html",
        "codebook.html",
        "gallery/index.html",
        "reference/metrics.html",
        "reference/commands.html",
    ):
        assert (tmp_path / "html" / page).exists()
