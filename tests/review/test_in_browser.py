"""The desk as a person has it: a page of its own and JupyterLab, in a headless Chromium."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from browser import Browser, browser
from desk_inputs import doubtful_panel

from giakit.panel.panel import Panel, open_panel
from giakit.review import desk_of
from giakit.review.desk import serve

PATIENCE = 90.0
NOTEBOOK = "[...(window.jupyterapp?.shell?.widgets('main') ?? [])].find((one) => one.content?.widgets)"


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("chromium")) as page:
        page.call("Emulation.setDeviceMetricsOverride", width=1400, height=950, deviceScaleFactor=1, mobile=False)
        yield page


def until(ask: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not ask():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def press(page: Browser, key: str) -> None:
    text = key if len(key) == 1 else "\r" if key == "Enter" else ""
    page.call("Input.dispatchKeyEvent", type="keyDown", key=key, text=text)
    page.call("Input.dispatchKeyEvent", type="keyUp", key=key)


def shown(page: Browser, part: str) -> str:
    return str(page.evaluate(f"document.querySelector('.giakit-desk .{part}')?.textContent ?? ''"))


def walk_through(page: Browser, panel: Panel) -> None:
    """Every key once: it arrives, and the ledger is what it says."""
    until(lambda: "0 decided" in shown(page, "progress"), "the desk is there")
    until(lambda: page.evaluate("document.activeElement?.className") == "giakit-desk", "the desk has the focus")
    for key, place in (("j", "2 of 4"), ("k", "1 of 4"), ("s", "2 of 4"), ("k", "1 of 4")):
        press(page, key)
        until(lambda place=place: shown(page, "progress").startswith(place), f"{key} moves")
    press(page, "1")
    until(lambda: "1 decided" in shown(page, "progress"), "1 takes the suggestion")
    for key in ("9", "Backspace", "1", "1", "7", "5", "Enter"):
        press(page, key)
    until(lambda: "2 decided" in shown(page, "progress"), "digits and Enter correct")
    press(page, "/")
    until(lambda: "3 decided" in shown(page, "progress"), "/ is a blank")
    press(page, "u")
    until(lambda: shown(page, "message") == "taken back", "u takes back")
    press(page, "j")
    press(page, "Enter")
    until(lambda: "3 decided" in shown(page, "progress"), "Enter keeps")
    ledger = open_panel(panel.path)
    assert ledger.corrections["corrected"].tolist() == ["1175", "1175"]
    assert ledger.findings["note"].dropna().tolist() == ["kept as printed"]


def test_a_page_of_its_own(chromium: Browser, tmp_path: Path) -> None:
    panel = doubtful_panel(tmp_path, copies=3)
    server, address = serve(desk_of(panel, who="A.B.", files=tmp_path / "raw", where={"check": "H"}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        chromium.call("Page.navigate", url=address)
        until(lambda: shown(chromium, "progress"), "the page is there")
        assert chromium.evaluate("document.querySelector('.left .framed').textContent") in ("2", "3", "4")
        walk_through(chromium, panel)
        assert chromium.evaluate("document.title") == "giakit review"
        assert chromium.evaluate("document.querySelectorAll('.left img, .left script').length") == 0
    finally:
        server.shutdown()


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[tuple[str, Panel]]:
    """A JupyterLab with a notebook that opens the desk, and keeps its settings in a folder of its own."""
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")
    pytest.importorskip("anywidget", reason="anywidget is not installed")
    panel = doubtful_panel(tmp_path, copies=3)
    code = "import giakit as gia\ngia.review('panel', who='A.B.', files='raw', where={'check': 'H'})"
    cells = [nbformat.v4.new_code_cell(code), nbformat.v4.new_code_cell("untouched = 1")]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), tmp_path / "desk.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = tmp_path / "home"
    home.mkdir()
    places = {name: str(home / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")}
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--ServerApp.port={port}", "--ServerApp.port_retries=0",
         "--IdentityProvider.token=secret", f"--ServerApp.root_dir={tmp_path}", "--LabApp.expose_app_in_browser=True", "--LabApp.news_url="],
        env={**os.environ, **places, "HOME": str(home)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            with socket.socket() as there:
                if there.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None
            assert time.monotonic() < deadline, "JupyterLab did not come up"
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/lab/tree/desk.ipynb?token=secret&reset", panel
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)
        shutil.rmtree(home, ignore_errors=True)


@pytest.mark.slow
def test_in_jupyterlab_every_key_arrives_and_no_cell_changes(chromium: Browser, lab: tuple[str, Panel]) -> None:
    address, panel = lab
    chromium.call("Page.navigate", url=address)
    until(lambda: chromium.evaluate(f"!!{NOTEBOOK}"), "the notebook is open")
    until(
        lambda: chromium.evaluate(f"{NOTEBOOK}.sessionContext?.session?.kernel?.status") == "idle", "the kernel is idle"
    )
    chromium.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells'); 0")
    cells = f"JSON.stringify({NOTEBOOK}.content.model.sharedModel.cells.map((c) => c.source))"
    before = chromium.evaluate(cells)
    until(lambda: shown(chromium, "progress"), "the widget is drawn")
    chromium.evaluate("document.querySelector('.giakit-desk').focus(); 0")
    walk_through(chromium, panel)
    assert chromium.evaluate(cells) == before
    if "GIAKIT_LOOK" in os.environ:
        chromium.screenshot(Path(os.environ["GIAKIT_LOOK"]) / "desk_in_jupyterlab.png")
