"""Reads the crosswalk, and refuses it where a pair of forms is left without a verdict."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

from giakit.errors import FormError
from giakit.forms.load import read_data, tables

_TERM = re.compile(r"(?P<sign>-?)(?P<cell>[a-z_.]+)(?: if (?P<option>[a-z_]+)=(?P<value>[a-z_]+))?")
_BOTH = ("2019", "2021")


@dataclass(frozen=True, slots=True)
class Term:
    """One row in a sum: its table, its row, and its column unless the table's total is meant."""

    table: str
    row: str
    column: str = ""
    sign: int = 1
    option: str = ""
    value: str = ""

    def __str__(self) -> str:
        return ".".join(part for part in (self.table, self.row, self.column) if part)

    @property
    def described(self) -> str:
        """The cell, and the option under which it counts."""
        return f"{self} (if {self.option}={self.value})" if self.option else str(self)

    def holds(self, chosen: Mapping[str, str]) -> bool:
        """Whether the row belongs to the sum under the options chosen."""
        return not self.option or chosen[self.option] == self.value


class Link(NamedTuple):
    """A verdict on two forms, and why."""

    verdict: str
    why: str


class Applicants(NamedTuple):
    """Which table knows kinds of applicant, and in which forms."""

    table: str
    forms: frozenset[str]
    why: str


@dataclass(frozen=True, eq=False)
class Item:
    """Something counted in more than one form, or in one only."""

    name: str
    gloss: str
    zh: str
    rows: dict[str, tuple[tuple[Term, ...], ...]]
    links: dict[tuple[str, str], Link]

    @property
    def topic(self) -> str:
        """The table it stands in, in the newest form that has it."""
        return next(reversed(self.rows.values()))[0][0].table


@dataclass(frozen=True)
class Crosswalk:
    """The file as read."""

    order: tuple[str, ...]
    verdicts: tuple[str, ...]
    between: dict[tuple[str, str], str]
    options: dict[str, tuple[str, ...]]
    reasons: dict[str, str]
    applicants: Applicants
    items: dict[str, Item]


@cache
def crosswalk_file() -> Crosswalk:
    """The shipped crosswalk, read once."""
    return read_crosswalk(read_data("crosswalk"))


def read_crosswalk(raw: Mapping[str, Any]) -> Crosswalk:
    """A crosswalk from its file.

    Raises
    ------
    FormError
        If a row is unknown, a reason is not given, or two forms have rows for an item and no verdict.
    """
    try:
        result = Crosswalk(
            order=tuple(raw["order"]),
            verdicts=tuple(raw["verdicts"]),
            between={tuple(key.split("-")): value for key, value in raw["between"].items()},
            options={entry["name"]: tuple(entry["values"]) for entry in raw["options"]},
            reasons=dict(raw["reasons"]),
            applicants=_applicants(**raw["applicants"]),
            items={},
        )
        for found in (*_items(raw), *_cells(raw), *_statistics(raw)):
            if found.name in result.items:
                raise FormError("crosswalk", f"item {found.name!r} stands twice")
            result.items[found.name] = found
    except KeyError as error:
        raise FormError("crosswalk", f"the field or reason {error} is missing") from None
    for found in result.items.values():
        for problem in _problems(found, result):
            raise FormError("crosswalk", f"item {found.name!r}: {problem}")
    return result


def _applicants(table: str, forms: list[str], why: str) -> Applicants:
    return Applicants(table, frozenset(forms), why)


def _items(raw: Mapping[str, Any]) -> Iterator[Item]:
    for entry in raw["items"]:
        rows = {form: entry["both"] for form in _BOTH if "both" in entry} | entry.get("rows", {})
        links = _links(entry, raw)
        if "both" in entry:
            links.setdefault(_BOTH, Link("same", ""))
        yield Item(entry["item"], entry["gloss"], entry["zh"], _ordered(rows, raw), links)


def _cells(raw: Mapping[str, Any]) -> Iterator[Item]:
    for entry in raw["cells"]:
        for cell in entry["cells"]:
            table, row, column = cell.split(".")
            known = tables()[table]
            gloss = f"{known.row(row).gloss}: {known.column(column).gloss}"
            zh = f"{known.row(row).label}：{known.column(column).label}"
            rows = {form: cell for form in entry["forms"]}
            yield Item(f"{row}.{column}", gloss, zh, _ordered(rows, raw), _links(entry, raw))


def _statistics(raw: Mapping[str, Any]) -> Iterator[Item]:
    entry = raw["statistics"]
    for label in tables()["statistics"].rows:
        if label.code not in entry["named_above"]:
            name = entry["rename"].get(label.code, label.code)
            rows = {form: f"statistics.{label.code}" for form in label.forms}
            links = _links({"links": entry["instead"].get(label.code, entry["links"])}, raw)
            held = {pair: link for pair, link in links.items() if link.verdict == "none" or {*pair} <= {*rows}}
            yield Item(name, label.gloss, label.label, _ordered(rows, raw), held)


def _ordered(rows: Mapping[str, Any], raw: Mapping[str, Any]) -> dict[str, tuple[tuple[Term, ...], ...]]:
    return {form: _alternatives(rows[form]) for form in raw["order"] if form in rows}


def _alternatives(value: Any) -> tuple[tuple[Term, ...], ...]:
    if isinstance(value, str):
        return ((_term(value),),)
    if isinstance(value[0], str):
        return (tuple(_term(text) for text in value),)
    return tuple(tuple(_term(text) for text in listed) for listed in value)


def _term(text: str) -> Term:
    found = _TERM.fullmatch(text)
    if found is None:
        raise FormError("crosswalk", f"{text!r} names no row")
    table, row, column = (*found["cell"].split("."), "", "")[:3]
    return Term(table, row, column, -1 if found["sign"] else 1, found["option"] or "", found["value"] or "")


def _links(entry: Mapping[str, Any], raw: Mapping[str, Any]) -> dict[tuple[str, str], Link]:
    links = {}
    for older, newer, verdict, *reason in entry.get("links", ()):
        if bool(reason) == (verdict == "same"):
            raise FormError("crosswalk", f"{older}-{newer} {verdict}: every verdict but `same` has a reason")
        links[older, newer] = Link(verdict, raw["reasons"][reason[0]] if reason else "")
    return links


def _problems(found: Item, result: Crosswalk) -> Iterator[str]:
    if not found.rows:
        yield "no form has a row for it"
    for form, alternatives in found.rows.items():
        for term in (term for listed in alternatives for term in listed):
            if not _known(term, form):
                yield f"form {form} has no row {term}"
            if term.option and term.value not in result.options.get(term.option, ()):
                yield f"option {term.option}={term.value} is unknown"
    for pair, link in found.links.items():
        if link.verdict not in result.verdicts:
            yield f"unknown verdict {link.verdict!r}"
        if link.verdict != "none" and not set(pair) <= set(found.rows):
            yield f"{'-'.join(pair)} is {link.verdict}, but a form has no row"
    for older, newer in pairwise(result.order):
        if {older, newer} <= set(found.rows) and (older, newer) not in found.links:
            yield f"forms {older} and {newer} have rows and no verdict"
    yield from _gaps(found, result)


def _gaps(found: Item, result: Crosswalk) -> Iterator[str]:
    """Forms with rows on both sides of a form without: no chain leads across, a verdict must be given."""
    places = [result.order.index(form) for form in found.rows]
    for first in places:
        for last in places:
            across = range(first + 1, last)
            pair = (result.order[first], result.order[last])
            if any(place not in places for place in across) and pair not in found.links:
                yield f"forms {pair[0]} and {pair[1]} have rows and no verdict"


def _known(term: Term, form: str) -> bool:
    table = tables().get(term.table)
    if table is None:
        return False
    labels = {label.code: label for label in table.rows}
    row = labels.get(term.row)
    if row is None or form not in (*row.forms, *row.tolerated):
        return False
    return not term.column or (term.row, term.column) in table.cells[form]
