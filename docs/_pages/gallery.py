"""The gallery: the notebooks of the project, and a page that lists them with a picture each."""

from __future__ import annotations

import json
import shutil
from hashlib import blake2b
from pathlib import Path
from typing import Any

from _pages.writing import write

_FIRST_FIGURE = """\
from IPython.display import Image
from myst_nb import glue

glue("first_figure", Image(bench.figures / next(name for name in bench.written if name.endswith(".png"))), display=False)
"""
_READ_BY_NOTEBOOKS = ("*.py", "*.toml", "*.csv", "*.txt")


def make(docs: Path) -> None:
    """Copy the notebooks and write the index of the gallery."""
    pages = []
    for source in sorted((docs.parent / "notebooks").glob("*.ipynb")):
        notebook = json.loads(source.read_text(encoding="utf-8"))
        _hide_parameters(notebook)
        _show_first_figure(notebook)
        write(docs / "gallery" / source.name, json.dumps(notebook, ensure_ascii=False, indent=1) + "\n")
        pages.append((source.stem, *_told(notebook)))
    for left in set((docs / "gallery").glob("*.ipynb")) - {docs / "gallery" / f"{stem}.ipynb" for stem, _, _ in pages}:
        left.unlink()
    write(docs / "gallery" / "index.md", _index(pages))
    for kept in (docs / "_build").glob("outputs-*"):
        if kept != outputs_folder(docs / "_build"):
            shutil.rmtree(kept)


def outputs_folder(build: Path) -> Path:
    """Where outputs are kept: a folder of its own for each state of the package and of the data."""
    project = Path(__file__).resolve().parents[2]
    digest = blake2b(digest_size=6)
    for folder in ("giakit", "data"):
        for pattern in _READ_BY_NOTEBOOKS:
            for path in sorted((project / folder).rglob(pattern)):
                digest.update(path.read_bytes())
    return build / f"outputs-{digest.hexdigest()}"


def _hide_parameters(notebook: dict[str, Any]) -> None:
    """Run the cell of parameters, but do not show it: it is for those who run the notebook on a panel of their own."""
    for cell in notebook["cells"]:
        if "parameters" in cell["metadata"].get("tags", []):
            cell["metadata"]["tags"] = ["parameters", "remove-cell"]


def _show_first_figure(notebook: dict[str, Any]) -> None:
    """Keep the first figure that the notebook writes, for the index: by a last cell that is not shown."""
    metadata = {"tags": ["remove-cell"]}
    notebook["cells"].append({"cell_type": "code", "execution_count": None, "id": "first-figure", "metadata": metadata, "outputs": [], "source": _FIRST_FIGURE})


def _told(notebook: dict[str, Any]) -> tuple[str, str]:
    """The title of a notebook, and the paragraph below it."""
    text = next("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    title, _, rest = text.partition("\n")
    return title.removeprefix("# ").strip(), rest.strip().partition("\n\n")[0].replace("\n", " ")


def _index(pages: list[tuple[str, str, str]]) -> str:
    lines = [
        "# Gallery",
        "",
        "Each notebook asks one question and answers it with figures. They were run when this site was built, on the reports that come with",
        "giakit: a convenience sample that shows methods and says nothing about China. Where a figure needs many agencies, it is drawn",
        "from a simulated panel with a known truth, and says SIMULATED.",
        "",
        "To run them on a panel of your own:",
        "",
        "```console",
        "$ giakit figures panel --out figures",
        "$ giakit notebooks my_notebooks",
        "```",
        "",
        "The first command draws all figures; the second copies the notebooks, to work on.",
        "",
    ]
    for stem, title, about in pages:
        lines += [f"## [{title}]({stem}.ipynb)", "", about, "", "```{glue} first_figure", f":doc: {stem}.ipynb", "```", ""]
    lines += ["```{toctree}", ":hidden:", "", *(stem for stem, _, _ in pages), "```", ""]
    return "\n".join(lines)
