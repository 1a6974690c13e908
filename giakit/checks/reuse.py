"""Text that stands in more than one report.

Sections are compared by their sets of five characters, once statute phrases, titles of laws, figures and the names
of the agency and its place are removed. Candidates come from MinHash (package rensa, extra ``text``) or from an
exact sparse product; every similarity that is given was computed exactly.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from giakit.data import require, toml
from giakit.errors import MissingExtra, UnknownChoice

Shingles: TypeAlias = NDArray[np.uint64]

SHINGLE = 5
PERMUTATIONS = 128
RECALL = 0.99
METHODS = ("auto", "minhash", "exact")
_TITLES = re.compile(r"[《〈][^《》〈〉]*[》〉]")
_DROPPED = re.compile(r"[\W\d_]+")
_BLOCK = 512
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_PAIR_COLUMNS = {
    "section": "str",
    "report_id_a": "str",
    "report_id_b": "str",
    "similarity": "Float64",
    "shared": "Int64",
}


def clean(text: str, names: Iterable[str] = ()) -> str:
    """A text without what every report has: statute phrases, titles, figures, punctuation, the given names.

    Examples
    --------
    >>> clean("2024年，卧龙区商务局依据《条例》第5条建立台账。", names=["卧龙区商务局"])
    '年依据第条建立台账'
    """
    text = _TITLES.sub("", text)
    for phrase in (*sorted(set(names), key=lambda name: (-len(name), name)), *_phrases()):
        text = text.replace(phrase, "")
    return _DROPPED.sub("", text)


@cache
def _phrases() -> tuple[str, ...]:
    phrases: list[str] = toml("checks", "statute_phrases.toml")["phrases"]
    return tuple(sorted(phrases, key=lambda phrase: (-len(phrase), phrase)))


def shingles(text: str) -> Shingles:
    """The distinct sets of five characters of a cleaned text, as sorted 64-bit hashes (uint64).

    Two different sets share a hash once in 10^19 times: a million reports take 8 bytes a set instead of a string.

    Examples
    --------
    >>> len(shingles("一二三四五六")), len(shingles("一二三四"))
    (2, 0)
    """
    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    if len(codes) < SHINGLE:
        return np.empty(0, dtype=np.uint64)
    hashes = np.zeros(len(codes) - SHINGLE + 1, dtype=np.uint64)
    for place in range(SHINGLE):
        hashes = hashes * _MULTIPLIER + codes[place : place + len(hashes)] + np.uint64(1)
        hashes ^= hashes >> np.uint64(29)
    return np.unique(hashes * _MULTIPLIER)


def similar_sections(
    texts: pd.DataFrame,
    *,
    threshold: float = 0.5,
    names: Mapping[str, Iterable[str]] | None = None,
    shortest: int = 50,
    method: str = "auto",
    seed: int = 0,
) -> pd.DataFrame:
    """Pairs of reports of which a section is alike.

    Parameters
    ----------
    texts : DataFrame
        `report_id`, `section`, `text`; several rows of one section are joined.
    threshold : float, default 0.5
        Least Jaccard similarity of the sets of five characters.
    names : mapping of report_id to names, optional
        Names to remove from a report: the agency's, its place's.
    shortest : int, default 50
        Sections with fewer sets are left out: a line is no copy.
    method : {"auto", "minhash", "exact"}
        ``auto`` takes MinHash where rensa is installed. MinHash misses about one pair in a hundred at the
        threshold itself, fewer above; ``exact`` misses none and costs more.
    seed : int, default 0
        Of the permutations.

    Returns
    -------
    DataFrame
        `section, report_id_a, report_id_b` (str), `similarity` (Float64, exact), `shared` (Int64, sets in common),
        the most alike first.

    Raises
    ------
    MissingExtra
        If ``minhash`` is asked for and rensa is not installed.

    Examples
    --------
    >>> same = "本单位坚持以公开为常态持续完善制度建立台账定期检查逐项落实责任"
    >>> texts = pd.DataFrame({"report_id": ["a", "b", "c"], "section": "overview", "text": [same, same, "另一份报告写了完全不同的内容与做法"]})
    >>> similar_sections(texts, shortest=5)[["report_id_a", "report_id_b", "similarity"]].values.tolist()
    [['a', 'b', 1.0]]
    """
    if method not in METHODS:
        raise UnknownChoice("method", method, METHODS)
    installed = find_spec("rensa") is not None
    if method == "minhash" and not installed:
        raise MissingExtra("rensa", "text")
    rows: list[tuple[str, str, str, float, int]] = []
    for section, sets in _sections(texts, names, shortest).items():
        ids = list(sets)
        quick = method != "exact" and installed
        candidates = (
            _minhash_candidates(list(sets.values()), threshold, seed)
            if quick
            else _sparse_candidates(list(sets.values()), threshold)
        )
        for first, second in candidates:
            a, b = sets[ids[first]], sets[ids[second]]
            shared = len(np.intersect1d(a, b, assume_unique=True))
            similarity = shared / (len(a) + len(b) - shared)
            if similarity >= threshold:
                low, high = sorted((ids[first], ids[second]))
                rows.append((section, low, high, similarity, shared))
    rows.sort(key=lambda row: (-row[3], row[:3]))
    return pd.DataFrame(rows, columns=list(_PAIR_COLUMNS)).astype(_PAIR_COLUMNS)


def boilerplate(
    texts: pd.DataFrame,
    *,
    names: Mapping[str, Iterable[str]] | None = None,
    agencies: Mapping[str, str] | None = None,
    shortest: int = 50,
) -> pd.DataFrame:
    """How much of each report stands in reports of others too.

    Parameters
    ----------
    texts, names, shortest
        As in `similar_sections`.
    agencies : mapping of report_id to agency, optional
        Reports of the same agency do not count as others. Without it every other report counts.

    Returns
    -------
    DataFrame
        `report_id` (str), `sets` (Int64: distinct sets of five characters), `boilerplate` (Float64, 0-1: share of
        them that another agency has in the same section). It depends on how many reports are compared: hold only
        reports of one corpus against each other.

    Examples
    --------
    >>> same = "本单位坚持以公开为常态持续完善制度"
    >>> texts = pd.DataFrame({"report_id": ["a", "b"], "section": "overview", "text": [same, same + "今年新设了三个查阅点"]})
    >>> boilerplate(texts, shortest=5)["boilerplate"].round(2).tolist()
    [1.0, 0.57]
    """
    totals: dict[str, list[int]] = {}
    for sets in _sections(texts, names, shortest).values():
        common = _of_several(sets, agencies or {})
        for report_id, members in sets.items():
            counted = totals.setdefault(report_id, [0, 0])
            counted[0] += len(members)
            counted[1] += _number_in(members, common)
    rows = [(report_id, number, shared / number) for report_id, (number, shared) in sorted(totals.items())]
    frame = pd.DataFrame(rows, columns=["report_id", "sets", "boilerplate"])
    return frame.astype({"report_id": "str", "sets": "Int64", "boilerplate": "Float64"})


def _number_in(members: Shingles, common: Shingles) -> int:
    """How many of the sorted hashes stand among the sorted common ones."""
    if not len(common):
        return 0
    places = np.minimum(np.searchsorted(common, members), len(common) - 1)
    return int((common[places] == members).sum())


def _of_several(sets: Mapping[str, Shingles], agencies: Mapping[str, str]) -> Shingles:
    """The sets of characters that more than one agency has."""
    by_agency: dict[str, list[Shingles]] = {}
    for report_id, members in sets.items():
        by_agency.setdefault(agencies.get(report_id, report_id), []).append(members)
    of_each = [np.unique(np.concatenate(lists)) if len(lists) > 1 else lists[0] for lists in by_agency.values()]
    hashes, counts = np.unique(np.concatenate(of_each), return_counts=True)
    return hashes[counts > 1]


def _sections(
    texts: pd.DataFrame, names: Mapping[str, Iterable[str]] | None, shortest: int
) -> dict[str, dict[str, Shingles]]:
    require(texts, ("report_id", "section", "text"), "reuse")
    joined: dict[tuple[str, str], list[str]] = {}
    for report_id, section, text in zip(texts["report_id"], texts["section"], texts["text"], strict=True):
        if not pd.isna(text) and not pd.isna(section):
            joined.setdefault((str(section), str(report_id)), []).append(str(text))
    found: dict[str, dict[str, Shingles]] = {}
    for (section, report_id), parts in sorted(joined.items()):
        members = shingles(clean("".join(parts), (names or {}).get(report_id, ())))
        if len(members) >= shortest:
            found.setdefault(section, {})[report_id] = members
    return found


def rows_per_band(threshold: float, permutations: int = PERMUTATIONS) -> int:
    """The widest band with which a pair at the threshold is still found with the wanted probability.

    Examples
    --------
    >>> rows_per_band(0.5), rows_per_band(0.8)
    (2, 4)
    """
    fitting = [rows for rows in (1, 2, 4, 8, 16) if 1 - (1 - threshold**rows) ** (permutations // rows) >= RECALL]
    return max(fitting, default=1)


def _minhash_candidates(sets: list[Shingles], threshold: float, seed: int) -> Iterator[tuple[int, int]]:
    from rensa import RMinHash

    tokens = [[member.tobytes() for member in members] for members in sets]
    digests = RMinHash.digests_from_token_sets(tokens, PERMUTATIONS, seed)
    width = rows_per_band(threshold)
    seen: set[tuple[int, int]] = set()
    for low, high in pairwise(range(0, PERMUTATIONS + 1, width)):
        buckets: dict[tuple[int, ...], list[int]] = {}
        for number, digest in enumerate(digests):
            buckets.setdefault(tuple(digest[low:high]), []).append(number)
        for members in buckets.values():
            for place, first in enumerate(members):
                for second in members[place + 1 :]:
                    if (first, second) not in seen:
                        seen.add((first, second))
                        yield first, second


def _sparse_candidates(sets: list[Shingles], threshold: float) -> Iterator[tuple[int, int]]:
    from scipy.sparse import csr_array

    if not sets:
        return
    members, columns = np.unique(np.concatenate(sets), return_inverse=True)
    sizes = np.array([len(members) for members in sets], dtype=np.int64)
    bounds = np.concatenate([[0], np.cumsum(sizes)])
    matrix = csr_array((np.ones(len(columns), dtype=np.int64), columns, bounds), shape=(len(sets), len(members)))
    for start in range(0, len(sets), _BLOCK):
        shared = (matrix[start : start + _BLOCK] @ matrix.T).tocoo()
        first, second = shared.row + start, shared.col
        alike = shared.data >= threshold * (sizes[first] + sizes[second] - shared.data) - 1e-9
        for a, b in zip(first[alike & (first < second)], second[alike & (first < second)], strict=True):
            yield int(a), int(b)
