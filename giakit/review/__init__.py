"""The review desk: a person goes through doubtful cells, or codes a blind sheet, one key a decision."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

from giakit.errors import MissingExtra, UnknownChoice

if TYPE_CHECKING:
    from giakit.panel.panel import Panel
    from giakit.review.desk import Desk

__all__ = ["desk_of", "review"]


def desk_of(
    panel: Panel | str | os.PathLike[str] | None,
    *,
    who: str = "",
    files: str | os.PathLike[str] | None = None,
    where: Mapping[str, object] | None = None,
    sheet: str | os.PathLike[str] | None = None,
    coder: int | str | None = None,
) -> Desk:
    """The desk itself, without a screen: see `review` for the parameters."""
    from giakit.panel.panel import Panel, open_panel
    from giakit.review.desk import Desk
    from giakit.review.queue import CodedSheet, DoubtfulCells

    opened = panel if panel is None or isinstance(panel, Panel) else open_panel(panel)
    if sheet is not None:
        return Desk(CodedSheet(sheet, 1 if coder is None else coder, opened), opened, files)
    if opened is None:
        raise UnknownChoice("panel", "None", ["a panel, or a sheet to code"])
    if not who.strip():
        raise UnknownChoice("who", who, ["the initials that the ledger shall bear"])
    return Desk(DoubtfulCells(opened, who, where or {}), opened, files)


def review(
    panel: Panel | str | os.PathLike[str] | None = None,
    *,
    who: str = "",
    files: str | os.PathLike[str] | None = None,
    where: Mapping[str, object] | None = None,
    sheet: str | os.PathLike[str] | None = None,
    coder: int | str | None = None,
) -> Any:
    """Go through what waits for a person, one key a decision.

    Parameters
    ----------
    panel : Panel or path
    who : str
        Initials that each decision bears in the ledger.
    files : path, optional
        The folder from which the panel was built: the document is shown beside the table.
    where : mapping, optional
        Only some findings: ``{"place": "江苏", "year": 2023, "table": "requests", "check": "H2"}``.
    sheet : path, optional
        A sheet of `giakit.coding_sheet`: cells are coded blindly, nothing that was read is shown.
    coder : {1, 2, "settle"}, optional
        Whose column of the sheet is filled; ``"settle"`` goes through the cells on which the two differ.

    Returns
    -------
    Widget
        For the end of a notebook cell. Click it once: Enter keeps the figures as printed (a note), 1-3 take a suggestion,
        digits and Enter correct the cell, ``/`` makes it blank, s skips, u takes the last decision back, j and k move.

    Raises
    ------
    MissingExtra
        Without the extra ``notebooks``.
    UnknownChoice
        If `who` is missing, or a filter or coder is none that exists.

    Notes
    -----
    Decisions are in ``corrections.csv`` and ``notes.csv`` beside the panel once the key is pressed, each with reason, initials
    and time (UTC). They apply when the panel is opened again.

    Examples
    --------
    >>> import giakit as gia
    >>> panel = gia.build([gia.example("2023_金湖县人民政府")], "panel", jobs=1)
    >>> from giakit.review import desk_of
    >>> desk = desk_of(panel, who="A.B.")
    >>> desk.view()["progress"]
    '1 of 1; 0 decided'
    >>> desk.handle("take", "1")
    >>> gia.open_panel("panel").corrections["corrected"].tolist()
    ['3']
    """
    if find_spec("anywidget") is None:
        raise MissingExtra("anywidget", "notebooks")
    from giakit.review.desk import widget

    return widget(desk_of(panel, who=who, files=files, where=where, sheet=sheet, coder=coder))


class _Room(ModuleType):
    """`gia.review(...)` works whether or not this module was imported before."""

    __call__ = staticmethod(review)


sys.modules[__name__].__class__ = _Room
