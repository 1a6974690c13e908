"""Pages of the site that are made from the package itself: tables of facts, reference, commands, gallery, pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, Any]:
    """Make the pages before Sphinx looks for them."""
    app.connect("config-inited", lambda app, config: make(Path(app.srcdir)))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def make(docs: Path) -> None:
    """Write every page that is made."""
    from _pages import commands, facts, gallery, pictures, reference

    for made in (commands, facts, gallery, pictures, reference):
        made.make(docs)
