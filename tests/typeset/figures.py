"""Figures for documents: taken from a frame or a mapping, or drawn at random with every identity closing."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from giakit.errors import MissingColumns
from giakit.forms import form as form_of
from giakit.forms.model import Address, Form
from typeset.layouts import layouts

Figures = dict[Address, float]

_PARTS = {
    "disclosed_normative": "disclosed_total",
    "press_conferences_principal": "press_conferences",
    "interviews_principal": "interviews",
}


def as_figures(figures: Any) -> Figures:
    """Figures as a mapping of address to number; entries without a value are left out.

    Parameters
    ----------
    figures : mapping of (table, row, column) to number, or DataFrame
        The frame needs the columns `table`, `row`, `column`, `value`.

    Raises
    ------
    MissingColumns
        If a frame lacks one of them.
    """
    if isinstance(figures, Mapping):
        pairs: Iterable[tuple[Any, Any]] = figures.items()
    else:
        needed = ("table", "row", "column", "value")
        missing = [name for name in needed if name not in figures.columns]
        if missing:
            raise MissingColumns("typeset", missing)
        addresses = zip(figures["table"], figures["row"], figures["column"], strict=True)
        pairs = zip(addresses, figures["value"], strict=True)
    return {(str(t), str(r), str(c)): float(v) for (t, r, c), v in pairs if v is not None and v == v}


def random_figures(seed: int | str = 0, *, form: str = "2021", scale: float | None = None) -> Figures:
    """Figures of an invented report, every identity of the form closing.

    Most requests come from natural persons, most cells are 0, a few have three or four digits.

    Parameters
    ----------
    seed : int or str
        The same seed gives the same figures.
    form : str
        Id of the form.
    scale : float, optional
        About how many requests; drawn between 0 and some thousands if not given.

    Returns
    -------
    dict of (table, row, column) to float

    Examples
    --------
    >>> from typeset import random_figures
    >>> drawn = random_figures(3, scale=40)
    >>> columns = ("natural_person", "business", "research", "public_interest", "legal_service", "other_organisation")
    >>> drawn["requests", "new", "total"] == sum(drawn["requests", "new", column] for column in columns)
    True
    """
    draw = random.Random(f"{form}:{seed}")
    size = draw.choice((0, 1, 3, 12, 45, 150, 600, 3000)) * draw.uniform(0.6, 1.5) if scale is None else scale
    known = form_of(form)
    if "statistics" in known.tables:
        return _statistics(known, draw, size)
    return {**_proactive(known, draw), **_requests(known, draw, size), **_remedies(known, draw, size)}


def _count(draw: random.Random, mean: float) -> int:
    if mean < 0.05:
        return 0
    return (
        max(0, round(draw.gauss(mean, mean**0.5))) if mean > 12 else sum(draw.random() < mean / 40 for _ in range(40))
    )


def _requests(form: Form, draw: random.Random, size: float) -> Figures:
    table = form.tables["requests"]
    inflow_rows = ("new", "carried_in", "closed", "carried_out")
    outcomes = [row for row in table.row_codes(form.id) if row not in inflow_rows]
    weights = {row: draw.expovariate(1) ** 2.5 for row in outcomes}
    weights["granted"] += 3
    weights["unable_not_held"] = weights.get("unable_not_held", 0) + 2
    shares = {
        "natural_person": 0.86,
        "business": 0.08,
        "legal_service": 0.03,
        "other_organisation": 0.02,
        "public_interest": 0.007,
        "research": 0.003,
    }
    whole = sum(weights.values())
    figures: Figures = {}
    for column, share in shares.items():
        cell = {row: _count(draw, size * share * weights[row] / whole) for row in outcomes}
        closed = sum(cell.values())
        carried_out = _count(draw, size * share * draw.choice((0, 0, 0.03, 0.1)))
        carried_in = min(_count(draw, size * share * draw.choice((0, 0, 0.02, 0.1))), closed + carried_out)
        cell |= {
            "closed": closed,
            "carried_out": carried_out,
            "carried_in": carried_in,
            "new": closed + carried_out - carried_in,
        }
        figures.update({("requests", row, column): float(value) for row, value in cell.items()})
    _totals(figures, "requests", table.row_codes(form.id), tuple(shares))
    return figures


def _remedies(form: Form, draw: random.Random, size: float) -> Figures:
    table = form.tables["remedies"]
    parts = [column.code for column in table.columns if column.code != "total"]
    figures: Figures = {}
    for row in table.rows:
        for column in parts:
            figures["remedies", row.code, column] = float(_count(draw, size * draw.choice((0, 0.005, 0.02))))
    _totals(figures, "remedies", [row.code for row in table.rows], parts)
    return figures


def _totals(figures: Figures, table: str, rows: Sequence[str], parts: Sequence[str]) -> None:
    for row in rows:
        figures[table, row, "total"] = sum(figures[table, row, column] for column in parts)


def _proactive(form: Form, draw: random.Random) -> Figures:
    table = form.tables["proactive"]
    figures: Figures = {}
    for row, column in table.cells[form.id]:
        label = table.column(column)
        value = float(draw.choice((0, 0, draw.randint(1, 9), draw.randint(10, 99), draw.randint(100, 9999))))
        if label.decimal and value:
            value = round(draw.uniform(1, 30000), draw.choice((0, 1, 2, 4)))
        if label.signed and draw.random() < 0.5:
            value = -float(draw.randint(0, 12)) or 0.0
        figures["proactive", row, column] = value
        if column == "change" and (row, "items_before") in table.cells[form.id]:
            figures["proactive", row, column] = max(value, -figures["proactive", row, "items_before"])
    for row in ("rules", "normative_documents"):
        low, high = ("issued", "in_force") if form.id == "2021" else ("disclosed", "public_total")
        figures["proactive", row, high] = max(figures["proactive", row, high], figures["proactive", row, low])
    return figures


def _statistics(form: Form, draw: random.Random, size: float) -> Figures:
    table = form.tables["statistics"]
    cells = list(table.cells[form.id])
    if form.id == "local":
        lines = {line[0] for line in layouts()["statistics"]["lines"]["local"]}
        cells = [cell for cell in cells if cell[0] in lines]
        dropped = {"received_mail_fax"} if draw.random() < 0.6 else {"received_mail", "received_fax", "received_email"}
        cells = [cell for cell in cells if cell[0] not in dropped]
    figures: Figures = {}
    for row, column in cells:
        small = draw.choice((0, 0, size / 20, size / 5))
        figures["statistics", row, column] = float(_count(draw, small))
    figures["statistics", "disclosed_total", "count"] = float(draw.randint(0, 6000))
    for part, whole in _PARTS.items():
        if {("statistics", part, "count"), ("statistics", whole, "count")} <= figures.keys():
            low = figures["statistics", part, "count"]
            figures["statistics", whole, "count"] = max(figures["statistics", whole, "count"], low)
    for row in ("fees", "budget"):
        if ("statistics", row, "count") in figures:
            figures["statistics", row, "count"] = draw.choice((0.0, round(draw.uniform(0.1, 40), 2)))
    order = sorted((i for i in form.identities), key=lambda i: -int(i.id[1:]))
    for identity in order:
        _close(figures, identity.left, identity.right)
    for row in dict.fromkeys(row for row, column in cells if column == "cumulative"):
        before = _count(draw, size / 3) if row not in ("disclosed_total", "via_website") else draw.randint(0, 9000)
        figures["statistics", row, "cumulative"] = figures["statistics", row, "count"] + before
    for identity in order:
        _close(figures, identity.left, identity.right, "cumulative")
    return figures


def _close(figures: Figures, left: Sequence[str], right: Sequence[str], column: str = "count") -> None:
    parts = [("statistics", row, column) for row in left if ("statistics", row, column) in figures]
    if parts and ("statistics", right[0], column) in figures:
        figures["statistics", right[0], column] = sum(figures[part] for part in parts)
