"""The law behind each row: article, kind of ground, and the remedy open against it by date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from giakit.errors import FormError, UnknownChoice
from giakit.forms.load import read_data, tables

if TYPE_CHECKING:
    import pandas as pd

_TABLES = ("requests", "statistics")
_SILENCE = "non_response"


class Route(NamedTuple):
    """The way to a remedy.

    Attributes
    ----------
    route : str
        ``choice`` (reconsideration or suit), ``reconsideration_first`` or ``unsettled``.
    uncertain : bool
        Whether the law was, or is, unclear at that date.
    why : str
        The rule, and what a user of the remedies table has to bear in mind.
    """

    route: str
    uncertain: bool
    why: str


def law() -> pd.DataFrame:
    """Article and kind of ground for each row that has one.

    Returns
    -------
    pandas.DataFrame
        One row a ground: ``table, row, article, citation`` (with 款 and 项), ``regulation, since, until`` (dates as text),
        ``kind, content, term`` (the name in the literature) and ``checked`` (bool): whether the article
        was compared with its text. ``table`` is NA for silence, which no form counts.

    Notes
    -----
    Source: Regulations on Open Government Information, State Council Orders 492 (2007) and 711 (2019).

    Examples
    --------
    >>> from giakit.forms.law import law
    >>> frame = law().query("table == 'requests'").set_index("row")
    >>> frame.loc["denied_process", ["article", "kind"]].tolist()
    ['16(2)', 'discretionary']
    """
    import pandas as pd

    regulations = {entry["id"]: entry for entry in _file()["regulations"]}
    rows = []
    for entry in _file()["grounds"]:
        regulation = regulations[entry["regulation"]]
        since, until = entry.get("since", regulation["since"]), regulation.get("until")
        rows.append(
            {
                "table": _table(entry),
                "row": entry["row"],
                "article": entry["article"] or None,
                "citation": _citation(entry) or None,
                "regulation": regulation["document"],
                "since": since.isoformat(),
                "until": until.isoformat() if until else None,
                "kind": entry["kind"],
                "content": entry["content"],
                "term": entry["term"],
                "checked": entry["checked"],
            }
        )
    frame = pd.DataFrame(rows)
    return frame.astype({name: "str" for name in frame.columns if name != "checked"})


def _citation(entry: Mapping[str, Any]) -> str:
    """An article as lawyers cite it: 第十六条第二款, 第三十六条第（四）项."""
    listed = next(part["articles"] for part in _file()["itemised"] if part["regulation"] == entry["regulation"])
    cited = []
    for text in filter(None, entry["article"].split(", ")):
        number, _, inner = text.rstrip(")").partition("(")
        part = ""
        if inner:
            numeral = _numeral(int(inner))
            part = f"第（{numeral}）项" if number in listed else f"第{numeral}款"
        cited.append(f"第{_numeral(int(number))}条{part}")
    return "、".join(cited)


def _numeral(number: int) -> str:
    """A number below 100 in Chinese numerals."""
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    return f"{digits[tens] if tens > 1 else ''}{'十' if tens else ''}{digits[ones] if ones or not tens else ''}"


def law_notes() -> dict[str, str]:
    """What has to be borne in mind when law and remedies are read together, by name.

    >>> from giakit.forms.law import law_notes
    >>> sorted(law_notes())
    ['co_defendant', 'ecological', 'full_refusals', 'transition']
    """
    return {entry["id"]: entry["text"] for entry in _file()["notes"]}


def ground_kind(row: str, *, table: str = "requests") -> str:
    """Kind of ground of a row.

    Parameters
    ----------
    row : str
        Code of an outcome row, or ``non_response``.
    table : str
        ``requests`` or ``statistics``.

    Returns
    -------
    str
        ``disclosure``, ``severance``, ``mandatory``, ``mandatory_with_override``, ``discretionary``,
        ``diversion``, ``factual``, ``procedural`` or ``silence``.

    Raises
    ------
    UnknownChoice
        If the row has no ground.

    Examples
    --------
    >>> from giakit.forms.law import ground_kind
    >>> ground_kind("denied_third_party")
    'mandatory_with_override'
    """
    return str(_ground(row, table)["kind"])


def remedy_route(row: str, when: date | str, *, table: str = "requests") -> Route:
    """The remedy open against an outcome, by the date of the decision.

    Parameters
    ----------
    row : str
        Code of an outcome row, or ``non_response`` for silence.
    when : datetime.date or str
        Date of the decision; text as ``2024-03-01``.
    table : str
        ``requests`` or ``statistics``.

    Returns
    -------
    Route
        Never "direct suit": from 2024 on, what does not stand in arts 14-16 is ``unsettled``, and so are
        the refused part of an answer in part and silence.

    Raises
    ------
    UnknownChoice
        If the row has no ground, or the date lies before the Regulations of 2008 or cannot be read.

    Notes
    -----
    The remedies table does not say which ground a case concerns: reading routes into it is ecological
    inference. Sources: 行政复议法 (2023) art. 23(1)(4); Supreme People's Court, 20 May 2025;
    国办公开办函〔2016〕201号.

    Examples
    --------
    >>> from giakit.forms.law import remedy_route
    >>> remedy_route("denied_process", "2023-12-31").route
    'choice'
    >>> remedy_route("denied_process", "2024-03-01")[:2]
    ('reconsideration_first', True)
    >>> remedy_route("denied_inquiry", "2025-07-01").route
    'unsettled'
    """
    ground = _ground(row, table)
    day = _day(when)
    for entry in _file()["routes"]:
        if entry["since"] <= day <= entry.get("until", date.max) and _covers(entry, ground):
            notes = law_notes()
            why = " ".join((f"{entry['why']}.", notes["ecological"], notes["co_defendant"]))
            return Route(entry["route"], entry.get("uncertain", False), why)
    raise UnknownChoice("date", when, ["from 2008-05-01 on"])


def _covers(entry: Mapping[str, Any], ground: Mapping[str, Any]) -> bool:
    if "articles" not in entry:
        return True
    return ground["regulation"] == "2019" and str(ground["article"]).partition("(")[0] in entry["articles"]


def _day(when: date | str) -> date:
    if isinstance(when, date):
        return date(when.year, when.month, when.day)
    try:
        return date.fromisoformat(when)
    except ValueError:
        raise UnknownChoice("date", when, ["a date as 2024-03-01"]) from None


def _ground(row: str, table: str) -> Mapping[str, Any]:
    if table not in _TABLES:
        raise UnknownChoice("table", table, _TABLES)
    known: dict[str, Mapping[str, Any]] = {
        entry["row"]: entry for entry in _file()["grounds"] if entry.get("table", "requests") == table
    }
    if row not in known:
        raise UnknownChoice(f"row of {table} with a ground", row, known)
    return known[row]


def _table(entry: dict[str, Any]) -> str | None:
    return None if entry["row"] == _SILENCE else str(entry.get("table", "requests"))


@cache
def _file() -> dict[str, Any]:
    return checked_law(read_data("law"))


def checked_law(raw: dict[str, Any]) -> dict[str, Any]:
    """The law file as given, if it names only rows, kinds and regulations that exist.

    Raises
    ------
    FormError
        If it contradicts itself or the forms.
    """
    for problem in _problems(raw):
        raise FormError("law", problem)
    return raw


def _problems(raw: dict[str, Any]) -> Iterator[str]:
    kinds = {entry["kind"] for entry in raw["kinds"]}
    regulations = {entry["id"] for entry in raw["regulations"]}
    seen = set()
    for entry in raw["grounds"]:
        table, row = _table(entry), entry["row"]
        if (table, row) in seen:
            yield f"{row!r} stands twice"
        seen.add((table, row))
        if table is not None and row not in {label.code for label in tables()[table].rows}:
            yield f"table {table!r} has no row {row!r}"
        if entry["kind"] not in kinds:
            yield f"{row!r} is of an unknown kind: {entry['kind']!r}"
        if entry["regulation"] not in regulations:
            yield f"{row!r} names an unknown regulation: {entry['regulation']!r}"
