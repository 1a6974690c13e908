"""The gallery: the notebooks of the project, run on the shipped reports, and a page that lists them with a picture each."""

from __future__ import annotations

import base64
import json
import shutil
import tempfile
from hashlib import blake2b
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from _pages.writing import write

_READ_BY_NOTEBOOKS = ("*.py", "*.toml", "*.csv", "*.txt")
_CELL_SECONDS = 600


def make(docs: Path) -> None:
    """Run the notebooks that were not run yet in this state of package and data, and write the index."""
    folder, kept = docs / "gallery", docs / "_build" / f"notebooks-{state()}"
    pages = []
    for source in sorted((docs.parent / "notebooks").glob("*.ipynb")):
        text = _run_once(source, kept)
        notebook = json.loads(text)
        write(folder / source.name, text)
        alt = _keep_first_picture(notebook, docs / "_generated" / f"{source.stem}.png")
        pages.append((source.stem, *_told(notebook), alt))
    for left in set(folder.glob("*.ipynb")) - {folder / f"{stem}.ipynb" for stem, *_ in pages}:
        left.unlink()
    for left in set((docs / "_build").glob("notebooks-*")) - {kept}:
        shutil.rmtree(left)
    write(folder / "index.md", _index(pages))


def state() -> str:
    """A digest of the package and of the data that comes with it."""
    project = Path(__file__).resolve().parents[2]
    digest = blake2b(digest_size=6)
    for folder in ("giakit", "data"):
        for pattern in _READ_BY_NOTEBOOKS:
            for path in sorted((project / folder).rglob(pattern)):
                digest.update(path.read_bytes())
    return digest.hexdigest()


def _run_once(source: Path, kept: Path) -> str:
    """The notebook with its outputs, as text."""
    target = kept / f"{source.stem}-{blake2b(source.read_bytes(), digest_size=6).hexdigest()}.ipynb"
    if not target.exists():
        notebook = nbformat.read(source, as_version=4)
        with tempfile.TemporaryDirectory(prefix="giakit-") as place:
            NotebookClient(notebook, timeout=_CELL_SECONDS, resources={"metadata": {"path": place}}).execute()
        _hide_parameters(notebook)
        write(target, nbformat.writes(notebook))
    return target.read_text(encoding="utf-8")


def _hide_parameters(notebook: Any) -> None:
    """Do not show the cell of parameters: it is for those who run the notebook on a panel of their own."""
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", ()):
            cell.metadata["tags"] = ["parameters", "remove-cell"]


def _keep_first_picture(notebook: dict[str, Any], path: Path) -> str:
    """Write the first figure of a notebook and give its alternative text; empty where it holds tables only."""
    outputs = (output for cell in notebook["cells"] for output in cell.get("outputs", ()))
    first = next((output for output in outputs if "image/png" in output.get("data", {})), None)
    if first is None:
        return ""
    picture = base64.b64decode(first["data"]["image/png"])
    path.parent.mkdir(exist_ok=True)
    if not path.exists() or path.read_bytes() != picture:
        path.write_bytes(picture)
    return "".join(first["data"].get("text/plain", "")).replace("\n", " ")


def _told(notebook: dict[str, Any]) -> tuple[str, str]:
    """The title of a notebook, and the paragraph below it."""
    text = next("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    title, _, rest = text.partition("\n")
    return title.removeprefix("# ").strip(), rest.strip().partition("\n\n")[0].replace("\n", " ")


_HEAD = """# Gallery

Each notebook asks one question and answers it with figures. They were run when this site was built, on the reports that come with
giakit: a convenience sample that shows methods and says nothing about China. Figures whose point is a known truth are drawn
from a simulated panel, and say SIMULATED.

To run them on a panel of your own:

```console
$ giakit figures panel --out figures
$ giakit notebooks my_notebooks
```

The first command draws all figures; the second copies the notebooks, to work on.
"""


def _index(pages: list[tuple[str, str, str, str]]) -> str:
    parts = [_HEAD]
    for stem, title, about, alt in pages:
        picture = (
            f"```{{image}} ../_generated/{stem}.png\n:alt: {alt}\n:class: gallery\n:target: {stem}.html\n```"
            if alt
            else ""
        )
        parts.append(f"## [{title}]({stem}.ipynb)\n\n{about}\n\n{picture}\n")
    listed = "\n".join(stem for stem, *_ in pages)
    return "\n".join([*parts, f"```{{toctree}}\n:hidden:\n\n{listed}\n```\n"])
