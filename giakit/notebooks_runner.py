"""The notebooks that are shipped: copied, or run on a panel so that they write their figures."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from giakit.data import shipped
from giakit.errors import GiakitError, MissingExtra

_KERNEL = "python3"
_CELL_SECONDS = 600


class NotebookFailed(GiakitError, RuntimeError):
    """A cell of a notebook raised.

    Attributes
    ----------
    notebook : str
        Name of the notebook.
    reason : str
        The error and its message.
    """

    def __init__(self, notebook: str, reason: str) -> None:
        self.notebook = notebook
        self.reason = reason
        super().__init__(f"{notebook}: {reason}")

    def __reduce__(self) -> tuple[type[NotebookFailed], tuple[str, str]]:
        return type(self), (self.notebook, self.reason)


def shipped_notebooks() -> list[Path]:
    """The notebooks that come with giakit, in the order of their numbers."""
    return sorted(shipped("notebooks").glob("*.ipynb"))


def copy_notebooks(directory: Path) -> list[Path]:
    """Copy the notebooks to a folder; one that is there already is kept.

    Returns
    -------
    list of Path
        The copies that were made.
    """
    directory.mkdir(parents=True, exist_ok=True)
    copied = []
    for notebook in shipped_notebooks():
        target = directory / notebook.name
        if not target.exists():
            shutil.copyfile(notebook, target)
            copied.append(target)
    return copied


def run_notebooks(*, panel: Path | None, out: Path, language: str = "en") -> list[Path]:
    """Run every notebook and say what it wrote.

    Parameters
    ----------
    panel : Path or None
        The panel that the notebooks read; None: one is built from the reports that are shipped.
    out : Path
        Folder of the figures.
    language : {"en", "zh"}
        Of the figures.

    Returns
    -------
    list of Path
        What was written into `out`, by name.

    Raises
    ------
    BadPanel
        If there is no panel at `panel`.
    MissingExtra
        If nbclient is not installed.
    NotebookFailed
        With the first cell that raised.
    """
    if find_spec("nbclient") is None:
        raise MissingExtra("nbclient", "notebooks")
    out = out.absolute()
    out.mkdir(parents=True, exist_ok=True)
    began = time.time_ns()
    with _panel(panel) as folder:
        parameters = {"PANEL": str(folder), "FIGURES": str(out), "LANG": language}
        for notebook in _followed(shipped_notebooks()):
            _run(notebook, parameters)
    return sorted(
        path for path in out.iterdir() if path.is_file() and path.stat().st_mtime_ns >= began - 10**9
    )


@contextmanager
def _panel(panel: Path | None) -> Iterator[Path]:
    from giakit.panel.panel import open_panel

    if panel is not None:
        yield open_panel(panel).path.absolute()
        return
    from giakit.panel.build import build

    with tempfile.TemporaryDirectory(prefix="giakit-") as folder:
        yield build(shipped("data/reports"), Path(folder) / "panel").path


def _followed(notebooks: list[Path]) -> Iterator[Path]:
    from tqdm import tqdm

    with tqdm(notebooks, unit="notebook", file=sys.stderr, ascii=True) as bar:
        for notebook in bar:
            bar.set_description(notebook.stem)
            yield notebook


def _run(path: Path, parameters: dict[str, str]) -> None:
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    _set_parameters(notebook, parameters)
    with tempfile.TemporaryDirectory(prefix="giakit-") as folder:
        client = NotebookClient(
            notebook,
            timeout=_CELL_SECONDS,
            kernel_name=_KERNEL,
            resources={"metadata": {"path": folder}},
            # The kernel's own warnings would tear the progress bar.
            extra_arguments=["--log-level=ERROR"],
        )
        try:
            client.execute()
        except CellExecutionError as error:
            raise NotebookFailed(path.name, f"{error.ename}: {error.evalue}") from None
        except (CellTimeoutError, DeadKernelError) as error:
            raise NotebookFailed(path.name, str(error).splitlines()[0]) from None


def _set_parameters(notebook: Any, parameters: dict[str, str]) -> None:
    """Replace the cell tagged ``parameters``; a notebook without one takes none."""
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", ()):
            cell.source = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
