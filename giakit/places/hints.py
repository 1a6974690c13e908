"""Evidence from outside the name: a parent, an address, a domain, a path, the text of the report."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise

from giakit.places.gazetteer import Division, ancestors, by_code, index, spell, under
from giakit.places.normal import normalise
from giakit.places.place import Place

_DOMAIN = re.compile(r"[a-z0-9][a-z0-9.-]*\.gov\.cn")
_URL = re.compile(r"https?://[^\s，。）)]+")
_CODE = re.compile(r"\d{6}(?:\d{6})?")
#: Endings that a leading 省, 市, 区… of a name without a place can stand for.
_ENDS = {
    "省": ("省",),
    "自治区": ("自治区",),
    "市": ("市",),
    "州": ("州",),
    "盟": ("盟",),
    "区": ("区",),
    "县": ("县",),
    "旗": ("旗",),
}


@cache
def _domains() -> dict[str, str]:
    text = (files("giakit.places") / "data" / "domains.csv").read_text(encoding="utf-8")
    return {row["domain"]: row["code"] for row in csv.DictReader(text.splitlines())}


@cache
def _strong() -> tuple[dict[str, str], frozenset[str]]:
    """Bare names that one province or prefecture alone bears, and the heads of all names."""
    roots: dict[str, set[str]] = {}
    for root, rows in index().roots.items():
        codes = {row.code for row in rows if row.until is None and row.level != "county"}
        if codes:
            roots[root] = codes
    strong = {root: codes.pop() for root, codes in roots.items() if len(codes) == 1}
    heads = frozenset(name[:2] for name in (*index().full, *index().short, *strong))
    return strong, heads


def evidence(hint: str | Place | Iterable[str | Place], year: int | None) -> frozenset[str]:
    """Codes of the divisions that a hint points to.

    Parameters
    ----------
    hint : str, Place or several of them
        A code, a name, an address, a domain, a path, a text.
    year : int or None
        The year in which names are read.

    Returns
    -------
    frozenset of str

    Examples
    --------
    >>> from giakit.places.hints import evidence
    >>> sorted(evidence("https://www.huaian.gov.cn/col/1.html", None))
    ['320800']
    >>> sorted(evidence("江苏省/南京市", 2020))
    ['320000', '320100']
    """
    if isinstance(hint, Place):
        code = hint.code or hint.within
        return frozenset((code,) if code else ())
    if not isinstance(hint, str):
        return frozenset().union(*(evidence(part, year) for part in hint))
    if _CODE.fullmatch(hint.strip()):
        return frozenset((hint.strip()[:6],)) & by_code().keys()
    found = {code for domain in _DOMAIN.findall(hint.lower()) if (code := _domain(domain))}
    return frozenset(found | _named(normalise(_URL.sub(" ", hint).replace("报告", " "))[0], year))


def _domain(domain: str) -> str | None:
    labels = domain.split(".")
    known = _domains()
    return next(
        (known[".".join(labels[i:])] for i in range(len(labels) - 2) if ".".join(labels[i:]) in known), None
    )


def _named(text: str, year: int | None) -> set[str]:
    """Every division that a text names beyond doubt, with those above it that it names too."""
    from giakit.places.paths import follow, match

    strong, heads = _strong()
    found: set[str] = set()
    position = 0
    while position < len(text) - 1:
        if text[position : position + 2] not in heads:
            position += 1
            continue
        window = text[position : position + 40]
        first = match(window, ())
        if first and first[0] > 2:
            path = follow(window, year)
            codes = {row.code for row in path.rows}
            if len(codes) == 1:
                found |= codes
                found |= {code for code in ancestors(next(iter(codes))) if _says(window, code)}
            position += len(window) - len(path.rest)
            continue
        root = next((window[:n] for n in range(8, 1, -1) if window[:n] in strong), None)
        if root:
            found.add(strong[root])
        position += len(root) if root else 1
    return found


def _says(window: str, code: str) -> bool:
    row = spell(code)
    return row is not None and row.name in window


def decide(rows: Sequence[Division], codes: frozenset[str]) -> Division | None:
    """The candidate that the evidence points to, if it points to one alone.

    A candidate wins only if all the support that another has is also support for it: a text that names two
    provinces decides nothing. A candidate named itself wins unless another lies inside it.
    """
    named = [row for row in rows if row.code in codes]
    if len(named) == 1 and not any(under(row.code, named[0].code) for row in rows):
        return named[0]
    support = {row: frozenset(code for code in codes if _supports(code, row.code)) for row in rows}
    best = max(support, key=lambda row: len(support[row]))
    rivals = [row for row in rows if row.code != best.code]
    if support[best] and all(support[row] < support[best] for row in rivals):
        return best
    return None


def _supports(code: str, candidate: str) -> bool:
    return code == candidate or under(candidate, code) or under(code, candidate)


def place_without_name(codes: frozenset[str], level: str, year: int | None) -> Division | None:
    """The place of a name that gives none: the end of the one chain that the evidence forms.

    A leading 市, 区… picks the member of the chain that it can stand for.
    """
    chain = sorted(codes, key=lambda code: len(ancestors(code)))
    if not chain or any(not under(lower, upper) for upper, lower in pairwise(chain)):
        return None
    whole = [*(code for code in ancestors(chain[-1]) if code not in chain), *chain]
    rows = [
        row for code in sorted(whole, key=lambda code: len(ancestors(code))) if (row := spell(code, year))
    ]
    if level in _ENDS:
        rows = [row for row in rows if row.name.endswith(_ENDS[level])]
    return rows[-1] if rows else None
