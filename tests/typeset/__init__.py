"""Documents with known truth: reports typeset in every layout that is met, from given or invented figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from giakit.errors import UnknownChoice
from giakit.forms import form as form_of
from typeset import layouts, prose, quirks_load
from typeset.figures import Figures, as_figures, random_figures
from typeset.model import Draft
from typeset.negatives import negative, negatives
from typeset.registry import FORMATS, Quirk, chosen, generator, registered
from typeset.render import EXTENSIONS, rendered
from typeset.truth import truth_of

quirks_load.load()

__all__ = ["FORMATS", "Quirk", "Typeset", "as_figures", "negative", "negatives", "quirks", "random_figures", "typeset"]


@dataclass(frozen=True, slots=True)
class Typeset:
    """A document and what it says.

    Attributes
    ----------
    data : bytes
        The file.
    name : str
        A file name for it.
    truth : dict
        What a reader must find in it.
    """

    data: bytes = field(repr=False)
    name: str
    truth: dict[str, Any] = field(repr=False)


def quirks() -> dict[str, Quirk]:
    """All quirks by name.

    Examples
    --------
    >>> from typeset import quirks
    >>> quirks()["transposed"].description
    'rows and columns of the requests table change places'
    """
    return registered()


def typeset(
    figures: Any,
    *,
    unit: str,
    year: int,
    form: str = "2021",
    format: str = "html",
    quirks: Iterable[str] = (),
    seed: int | str = 0,
    texts: Mapping[str, str | Sequence[str]] | None = None,
    units: Mapping[str, str] | None = None,
    title: str | None = None,
    note: str | None = None,
    name: str | None = None,
) -> Typeset:
    """Typeset a report.

    Parameters
    ----------
    figures : mapping of (table, row, column) to number, or DataFrame
        A frame has the columns `table`, `row`, `column`, `value`. Cells of the form without a figure are printed blank.
    unit : str
        Name of the agency.
    year : int
        Year of the report.
    form : {"2021", "2019", "2014", "local"}
        Whose layout is printed. ``local`` prints the rows that have a figure, and two columns of values.
    format : {"html", "text", "markdown", "docx", "xlsx", "xls", "pdf", "mht", "png"}
        ``pdf`` and ``png`` need a Chromium on the machine.
    quirks : iterable of str
        Names from `quirks()`.
    seed : int or str
        Seed of what quirks draw.
    texts : mapping of chapter to str or list of str, optional
        Sentences by chapter (``"preface"``, ``"1"`` … ``"6"``); chapters that are missing have none. Without it, neutral
        sentences are printed that state the main figures.
    units : mapping of ``table.row.column`` to str, optional
        Units printed behind a number, as ``{"proactive.procurement.amount": "元"}``.
    title, note, name : str, optional
        Title, a line below the title, file name.

    Returns
    -------
    Typeset

    Raises
    ------
    UnknownChoice
        If a form, a format or a quirk is not known, or a quirk does not fit.
    MissingColumns
        If a frame lacks a column.
    MissingExtra
        If a format needs a program or package that is not there.

    Examples
    --------
    >>> from typeset import random_figures, typeset
    >>> document = typeset(random_figures(1), unit="某县商务局", year=2023, quirks=["blank_dash"])
    >>> document.name
    '2023_某县商务局.html'
    >>> document.truth["cells"]["requests"]["new"]["total"] >= 0
    True
    """
    if format not in FORMATS:
        raise UnknownChoice("format", format, FORMATS)
    form_of(form)
    wanted = chosen(quirks, format=format, form=form)
    printed = as_figures(figures)
    added: dict[str, Any] = {}
    for quirk in (quirk for quirk in wanted if quirk.stage == "figures"):
        printed = quirk.apply(printed, form, added, generator(seed, quirk.name))
    draft, narrative = _draft(
        printed, unit=unit, year=year, form=form, format=format, texts=texts, units=units or {}, title=title, note=note
    )
    draft.truth.update(added)
    draft.truth["narrative"] = dict(narrative)
    for quirk in (quirk for quirk in wanted if quirk.stage == "draft"):
        quirk.apply(draft, generator(seed, quirk.name))
    data = rendered(draft, [quirk for quirk in wanted if quirk.stage in ("markup", "bytes")], seed)
    file = name or f"{year}_{unit}{draft.style.get('extension', EXTENSIONS[format])}"
    return Typeset(data, file, truth_of(draft, name=file, quirks=[quirk.name for quirk in wanted], units=units or {}))


def _draft(
    figures: Figures,
    *,
    unit: str,
    year: int,
    form: str,
    format: str,
    texts: Mapping[str, str | Sequence[str]] | None,
    units: Mapping[str, str],
    title: str | None,
    note: str | None,
) -> tuple[Draft, dict[str, float]]:
    tables = layouts.grids(form, figures, year=year, units=units)
    heading = title or f"{unit}{year}年政府信息公开工作年度报告"
    blocks, narrative = prose.report_blocks(
        tables, figures, unit=unit, year=year, title=heading, note=note, texts=texts
    )
    addresses = {cell.address for grid in tables for cell in grid.values() if cell.address is not None}
    draft = Draft(unit, year, form, format, heading, blocks, dict(figures), addresses)
    return draft, narrative
