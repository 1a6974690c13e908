"""Does the prose say what the table says? Two statements of one agency, held against each other.

A contradiction is one of the report, never of its reading: both sides are as printed. Outcomes: ``pass``: a meaning
of the statement gives its figure; ``fail``: the prose states the quantity plainly and differs; ``uncertain``: the
statements differ among themselves, speak of another body, equal a neighbouring quantity, or a blank cell could account for the
difference;
``note``: a round figure that is far off; ``not_assessable``: no cell of the table can be compared.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple, Protocol

from giakit.checks.model import Cells, Check, Status
from giakit.data import toml
from giakit.forms.model import Address, Form

_PART = re.compile(r"(\d[\d,，]*)(?=[件宗条份起个项例])")
_PARTS_FOLLOW = re.compile(r"[（(]|其中")
_OUTCOMES = ("denied", "unable", "not_processed", "other")
_ROUND = 0.1


class Statement(Protocol):
    """What is asked of a stated figure: `giakit.reading.prose.Stated` has it."""

    @property
    def table(self) -> str: ...
    @property
    def row(self) -> str: ...
    @property
    def column(self) -> str: ...
    @property
    def value(self) -> float: ...
    @property
    def text(self) -> str: ...
    @property
    def about(self) -> bool: ...
    @property
    def body(self) -> str: ...


class _Sum(NamedTuple):
    """The figure of a meaning: the sum of its reported cells, and how sure it is."""

    words: str
    value: float
    some_reported: bool
    some_blank: bool
    some_undecided: bool


@cache
def _data() -> dict[tuple[str, str], dict[str, Any]]:
    return {(entry["table"], entry["row"]): entry for entry in toml("checks", "prose.toml")["statements"]}


def check_stated(form: Form | None, cells: Cells, stated: Sequence[Statement]) -> list[Check]:
    """Hold what the prose states against the table.

    Parameters
    ----------
    form : Form or None
        The report's form; without one there is no table to compare with.
    cells : mapping of address to Cell
    stated : sequence of Statement
        As `giakit.reading.prose.stated` gives them.

    Returns
    -------
    list of Check
        ``stated:<row>`` (``stated:new``, ``stated:denied``…) with the stated figure as `expected` and the table's
        as `observed`; ``stated:sum`` where the prose adds up its own parts. Quantities that the report's table does
        not have give no check.

    Examples
    --------
    >>> from giakit.checks.model import Cell
    >>> from giakit.forms import form
    >>> from giakit.reading.prose import Stated
    >>> cells = {("requests", "new", "total"): Cell(70, "reported"), ("requests", "carried_in", "total"): Cell(2, "reported")}
    >>> told = [Stated("requests", "new", "total", 72, "收到申请72件", False)]
    >>> [(check.check, check.status) for check in check_stated(form("2021"), cells, told)]
    [('stated:new', 'pass')]
    """
    if form is None:
        return []
    by_quantity: dict[Address, list[Statement]] = defaultdict(list)
    for entry in stated:
        by_quantity[entry.table, entry.row, entry.column].append(entry)
    verdicts = []
    for address, entries in by_quantity.items():
        meanings = list(_meanings(form, cells, address, "sums"))
        if meanings:
            verdicts.append(_verdict(address, entries, meanings, list(_meanings(form, cells, address, "near"))))
    return verdicts + list(_sums(stated)) + list(_outcomes(by_quantity))


def _meanings(form: Form, cells: Cells, address: Address, field: str) -> Iterator[_Sum]:
    table, row, column = address
    entry = _data().get((table, row))
    if entry is None or column not in entry["columns"]:
        return
    if "statistics" in form.tables:
        table, column, sums = "statistics", "count", entry.get("statistics", []) if field == "sums" else []
    else:
        sums = entry.get(field, []) if field == "sums" else [[near] for near in entry.get(field, [])]
    for names in sums:
        rows = [code for name in names for code in _rows(form, table, name.format(column=address[2]))]
        printed = [cells[table, code, column] for code in rows if (table, code, column) in cells]
        printed = [cell for cell in printed if cell.state != "absent"]
        if not printed or (len(printed) < len(rows) and len(names) == len(rows)):
            continue
        yield _Sum(
            words=" + ".join(name.format(column=address[2]) for name in names),
            value=sum(cell.value for cell in printed if cell.value is not None),
            some_reported=any(cell.value is not None for cell in printed),
            some_blank=any(cell.state == "blank" for cell in printed) or len(printed) < len(rows),
            some_undecided=any(cell.state == "undecided" for cell in printed),
        )


def _rows(form: Form, table: str, name: str) -> list[str]:
    """The rows that a name means: a row, or the rows of a group."""
    members = [row.code for row in form.tables[table].rows if row.group == name]
    if name == "other" and members:
        return [*members, "other"]
    return members or [name]


def _verdict(address: Address, entries: list[Statement], meanings: list[_Sum], near: list[_Sum]) -> Check:
    for entry in entries:
        for meaning in meanings:
            if _equal(entry, meaning) and not meaning.some_undecided and (meaning.some_reported or not entry.value):
                return _check(address, "pass", entry, meaning, f"the table's {meaning.words}")
    entry, meaning = entries[0], meanings[0]
    if not meaning.some_reported or any(other.some_undecided for other in meanings):
        return _check(address, "not_assessable", entry, meaning, "the table's cells are blank or undecided")
    if any(other.about for other in entries):
        far = abs(entry.value - meaning.value) > _ROUND * max(entry.value, meaning.value)
        return _check(address, "note" if far else "pass", entry, meaning, "the prose gives a round figure")
    if any(other.some_blank and other.value < entry.value for other in meanings):
        return _check(address, "uncertain", entry, meaning, "a blank cell could account for the difference")
    if len({other.value for other in entries}) > 1:
        return _check(address, "uncertain", entry, meaning, "the prose itself states several figures")
    if entry.body:
        return _check(address, "uncertain", entry, meaning, f"the sentence speaks of another body: {entry.body}")
    if any(entry.value == other.value for other in near):
        return _check(address, "uncertain", entry, meaning, "it equals a neighbouring quantity")
    return _check(address, "fail", entry, meaning, "")


def _equal(entry: Statement, meaning: _Sum) -> bool:
    if abs(entry.value - meaning.value) < 1e-9:
        return True
    return entry.about and entry.value <= meaning.value < entry.value + _place(entry.value)


def _place(value: float) -> float:
    """The place to which a round figure is given: 100 for 5500.

    >>> _place(5500.0), _place(120.0)
    (100.0, 10.0)
    """
    place = 1.0
    while value and value % (place * 10) == 0:
        place *= 10
    return place


def _check(address: Address, status: Status, entry: Statement, meaning: _Sum, why: str) -> Check:
    observed = meaning.value if meaning.some_reported else None
    figure = "nothing" if observed is None else f"{observed:g}"
    message = f"the prose says {entry.text!r}, the table {figure} ({meaning.words}){'; ' + why if why else ''}"
    return Check(f"stated:{address[1]}", status, *address, entry.value, observed, message)


def _sums(stated: Sequence[Statement]) -> Iterator[Check]:
    """Figures that the prose adds up itself. Parts need not be all of a whole: only a sum that closes says something."""
    for entry in stated:
        follows = _PARTS_FOLLOW.search(entry.text)
        if not follows:
            continue
        parts = [float(re.sub("[,，]", "", number)) for number in _PART.findall(entry.text, follows.end())]
        if len(parts) > 1 and sum(parts) == entry.value:
            spelled = " + ".join(f"{part:g}" for part in parts)
            yield Check(
                "stated:sum",
                "pass",
                entry.table,
                entry.row,
                entry.column,
                entry.value,
                sum(parts),
                f"the prose's parts add up: {entry.value:g} = {spelled}",
            )


def _outcomes(by_quantity: dict[Address, list[Statement]]) -> Iterator[Check]:
    """Where the prose states what was closed and every kind of outcome, these add up."""

    def only(row: str) -> float | None:
        values = {entry.value for entry in by_quantity.get(("requests", row, "total"), ()) if not entry.about}
        return values.pop() if len(values) == 1 else None

    closed = only("closed")
    granted, partial, both = only("granted"), only("partial"), only("granted+partial")
    public = both if both is not None else None if granted is None or partial is None else granted + partial
    parts = [public, *(only(row) for row in _OUTCOMES)]
    known = [part for part in parts if part is not None]
    if closed is None or len(known) < len(parts):
        return
    status: Status = "pass" if sum(known) == closed else "uncertain"
    yield Check(
        "stated:sum",
        status,
        "requests",
        "closed",
        "total",
        closed,
        sum(known),
        f"the outcomes in the prose add up to {sum(known):g}, closed are {closed:g}",
    )
