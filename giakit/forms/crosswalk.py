"""What may be compared with what: the rows of each item in each form, and a verdict for each pair."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, NamedTuple

from giakit.errors import UnknownChoice
from giakit.forms.crosswalk_data import Item, Link, Term, crosswalk_file

if TYPE_CHECKING:
    import pandas as pd


class Verdict(NamedTuple):
    """Whether two forms may be compared on an item.

    Attributes
    ----------
    item : str
    forms : tuple of (str, str)
        The two forms, the older first.
    verdict : str
        ``same``, ``sum``, ``approximate`` or ``none``.
    rows : tuple of (str, str)
        The rows that count the item in each of them; "" where the form has none.
    why : str
        The caveat or the reason; "" for ``same``.
    breaks : tuple of str
        The breaks of form that lie between the two.
    """

    item: str
    forms: tuple[str, str]
    verdict: str
    rows: tuple[str, str]
    why: str
    breaks: tuple[str, ...]


def items() -> list[str]:
    """Names of all items, in the order of the tables.

    >>> from giakit.forms.crosswalk import items
    >>> items()[:3]
    ['new', 'carried_in', 'carried_out']
    """
    return list(crosswalk_file().items)


def item(name: str) -> Item:
    """The item of that name.

    Raises
    ------
    UnknownChoice
        If there is no such item.
    """
    known = crosswalk_file().items
    if name not in known:
        raise UnknownChoice("item", name, known)
    return known[name]


def form_order() -> tuple[str, ...]:
    """Ids of the forms from the oldest to the newest.

    >>> from giakit.forms.crosswalk import form_order
    >>> form_order()
    ('local', '2014', '2019', '2021')
    """
    return crosswalk_file().order


def options(given: Mapping[str, str] | None = None) -> dict[str, str]:
    """All options of the crosswalk, with what was given in place of the defaults.

    Parameters
    ----------
    given : mapping of str to str, optional
        ``already_public``: ``in`` or ``out``; ``told_to_amend``: ``in`` or ``out``; ``base``: ``replies`` or
        ``closed``.

    Raises
    ------
    UnknownChoice
        If an option or its value is unknown.

    Examples
    --------
    >>> from giakit.forms.crosswalk import options
    >>> options({"base": "closed"})
    {'already_public': 'in', 'told_to_amend': 'in', 'base': 'closed'}
    """
    known = crosswalk_file().options
    chosen = {name: values[0] for name, values in known.items()}
    for name, value in (given or {}).items():
        if name not in known:
            raise UnknownChoice("option of the crosswalk", name, known)
        if value not in known[name]:
            raise UnknownChoice(name, value, known[name])
        chosen[name] = value
    return chosen


def terms(name: str, form: str, given: Mapping[str, str] | None = None) -> list[list[Term]]:
    """The sums that count an item in a form, under the options chosen.

    Returns
    -------
    list of list of Term
        Alternatives, each a sum; the first that a report has in full counts. Empty where the form has no
        row for the item.

    Examples
    --------
    >>> from giakit.forms.crosswalk import terms
    >>> [str(term) for term in terms("denied_third_party", "2014")[0]]
    ['statistics.denied_trade_secret', 'statistics.denied_privacy']
    """
    chosen = options(given)
    return [[term for term in listed if term.holds(chosen)] for listed in item(name).rows.get(form, ())]


def verdict(name: str, first: str, second: str, *, column: str = "total") -> Verdict:
    """Whether two forms may be compared on an item.

    Parameters
    ----------
    name : str
        An item, see :func:`items`.
    first, second : str
        Ids of two forms, in any order.
    column : str
        Column of the requests table: kinds of applicant are counted since 2019 only.

    Returns
    -------
    Verdict

    Raises
    ------
    UnknownChoice
        If item or form is unknown.

    Examples
    --------
    >>> from giakit.forms.crosswalk import verdict
    >>> verdict("normative_documents.in_force", "2019", "2021").verdict
    'none'
    >>> verdict("unable_not_held", "2021", "2014")[2:4]
    ('sum', ('statistics.reply_not_exist + statistics.reply_not_this_agency', 'requests.unable_not_held'))
    """
    order = form_order()
    for form in (first, second):
        if form not in order:
            raise UnknownChoice("form", form, order)
    older, newer = sorted((first, second), key=order.index)
    found = item(name)
    applicants = crosswalk_file().applicants
    if column != "total" and found.topic == applicants.table and not {older, newer} <= applicants.forms:
        link = Link("none", crosswalk_file().reasons[applicants.why])
    else:
        link = _link(found, older, newer)
    rows = (_written(found, older), _written(found, newer))
    return Verdict(name, (older, newer), link.verdict, rows, link.why, _breaks(older, newer))


def crosswalk() -> pd.DataFrame:
    """The whole crosswalk.

    Returns
    -------
    pandas.DataFrame
        One row an item and pair of forms: ``item, gloss, topic`` (the table it stands in), ``older, newer``
        (forms), ``verdict, rows_older, rows_newer, why, breaks``; all text.

    Examples
    --------
    >>> from giakit.forms.crosswalk import crosswalk
    >>> frame = crosswalk().query("older == '2019' and newer == '2021'").set_index("item")
    >>> frame.loc[["new", "other", "fees.amount"], "verdict"].tolist()
    ['same', 'sum', 'none']
    """
    import pandas as pd

    rows = [
        {
            "item": name,
            "gloss": item(name).gloss,
            "topic": item(name).topic,
            "older": found.forms[0],
            "newer": found.forms[1],
            "verdict": found.verdict,
            "rows_older": found.rows[0],
            "rows_newer": found.rows[1],
            "why": found.why,
            "breaks": ", ".join(found.breaks),
        }
        for name in items()
        for found in (verdict(name, *pair) for pair in combinations(form_order(), 2))
    ]
    return pd.DataFrame(rows, dtype="str")


@cache
def _link(found: Item, older: str, newer: str) -> Link:
    if older == newer:
        return Link("same", "")
    if (older, newer) in found.links:
        return found.links[older, newer]
    steps = list(_steps(older, newer))
    between = [found.links[step] for step in steps if step in found.links]
    missing = [form for form in (older, newer) if form not in found.rows]
    if missing:
        reasons = [link.why for link in between if link.verdict == "none"]
        no_row = crosswalk_file().reasons["no_row"].format(form=missing[0])
        return Link("none", _joined(reasons) or no_row)
    worst = max(between, key=lambda link: crosswalk_file().verdicts.index(link.verdict))
    told = [link.why for link in between if worst.verdict != "none" or link.verdict == "none"]
    return Link(worst.verdict, _joined(told))


def _steps(older: str, newer: str) -> Iterator[tuple[str, str]]:
    order = form_order()
    return pairwise(order[order.index(older) : order.index(newer) + 1])


def _breaks(older: str, newer: str) -> tuple[str, ...]:
    return tuple(crosswalk_file().between[step] for step in _steps(older, newer))


def _joined(reasons: list[str]) -> str:
    return "; ".join(dict.fromkeys(reason for reason in reasons if reason))


def _written(found: Item, form: str) -> str:
    return " or ".join(written(listed) for listed in found.rows.get(form, ()))


def written(listed: list[Term] | tuple[Term, ...]) -> str:
    """A sum of rows in words.

    >>> from giakit.forms.crosswalk import terms, written
    >>> written(terms("suit.total", "2021")[0])
    'remedies.suit_direct.total + remedies.suit_after.total'
    """
    text = "".join(f" {'-' if term.sign < 0 else '+'} {term.described}" for term in listed)
    return text.removeprefix(" + ").strip()
