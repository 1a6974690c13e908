"""From the reports in raw/ to everything in output/: python run.py

The first run writes output/statement.txt: the files, by a hash over all of them, what was read of them, and how. Every later run, here or at
a co-author's, holds its panel against that statement and stops where they differ. After changes that are meant:
python run.py --accept
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

import giakit as gia

HERE = Path(__file__).resolve().parent
STATEMENT = HERE / "output" / "statement.txt"


def main() -> int:
    (HERE / "output").mkdir(exist_ok=True)
    gia.build(HERE / "raw", HERE / "panel")
    if len((HERE / "corrections.csv").read_text(encoding="utf-8-sig").splitlines()) > 1:
        shutil.copy(HERE / "corrections.csv", HERE / "panel" / "corrections.csv")
    panel = gia.open_panel(HERE / "panel")
    if "--accept" in sys.argv or not STATEMENT.exists():
        STATEMENT.write_text(gia.citation(panel) + "\n", encoding="utf-8")
    verify = [sys.executable, "-m", "giakit", "verify", "panel", str(STATEMENT.relative_to(HERE))]
    if subprocess.run(verify, cwd=HERE).returncode:
        print("The panel is not the one of output/statement.txt: nothing was analysed.", file=sys.stderr)
        return 1
    notebook = nbformat.read(HERE / "analysis.ipynb", as_version=4)
    NotebookClient(notebook, resources={"metadata": {"path": str(HERE)}}).execute()
    nbformat.write(notebook, HERE / "output" / "analysis.ipynb")
    print("Done: see output/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
