"""Examples in docstrings write into a folder of their own."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _examples_run_aside(request: pytest.FixtureRequest) -> None:
    if isinstance(request.node, pytest.DoctestItem):
        folder = request.getfixturevalue("tmp_path")
        request.getfixturevalue("monkeypatch").chdir(folder)
