"""Panels with doubtful cells for the tests of the desk."""

from __future__ import annotations

import shutil
from pathlib import Path

import giakit as gia
from giakit.panel.panel import Panel
from giakit.panel.pool import InProcess

REPORTS = ("2023_金湖县人民政府", "2023_宿迁市", "2024_宿迁市", "2024_淮安市人民政府")
ATTACK = "<img src=x onerror=\"document.title='attacked'\"><script>document.title='attacked'</script>"


def doubtful_panel(folder: Path, *, copies: int = 1) -> Panel:
    """A panel of shipped reports; in some of each a digit is lost, in one the agency's name holds hostile HTML."""
    raw = folder / "raw"
    raw.mkdir(parents=True)
    for name in REPORTS:
        shutil.copy(gia.example(name), raw)
    page = (raw / "2023_宿迁市.html").read_text(encoding="utf-8")
    for copy in range(copies):
        changed = page.replace("宿迁市", f"宿迁市第{copy}").replace("<td>1175</td>", f"<td>{copy + 2}</td>", 1)
        hostile = changed.replace("一、总体情况", "一、总体情况" + ATTACK.replace("<", "&lt;"), 1)
        (raw / f"copy_{copy}.html").write_text(hostile, encoding="utf-8")
    return gia.build(raw, folder / "panel", executor=InProcess(), progress=False)
