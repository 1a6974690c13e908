"""Rows whose label is damaged: cut in two, misspelt, or gone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import pairwise

from giakit.checks.model import Check
from giakit.forms.labels import key
from giakit.reading.instances import Instance
from giakit.reading.lines import Line
from giakit.reading.scan import Hit
from giakit.reading.values import doubt
from giakit.reading.vocabulary import Vocabulary

_NEAR = 0.75
_NEAR_COLUMN = 0.6
_MARGIN = 0.08
_REACH = 3
_OTHER_ROWS = 3


def release_other(instance: Instance) -> None:
    """A row named 其他处理 alone, beside rows of that group of which one is missing, is a row that lost its label."""
    split = {code for code in instance.rows if code.startswith("other_")}
    if "other" in instance.rows and 0 < len(split) < _OTHER_ROWS:
        hit = instance.rows.pop("other")
        hit.codes, hit.label = (), ""
        instance.others.append(hit)
        instance.others.sort(key=lambda other: other.at)


def join_cut_labels(instance: Instance, words: Vocabulary) -> None:
    """Give a row its label back where a page break cut it in two lines, one of which has the numbers."""
    others = sorted(instance.others, key=lambda hit: hit.at)
    for first, second in pairwise(others):
        if not first.label or not second.label or second.at - first.at > _REACH:
            continue
        codes = words.rows.get(key(first.label) + key(second.label), ())
        numbered = [hit for hit in (first, second) if _numbers(hit)]
        if len(codes) == 1 and codes[0] not in instance.rows and len(numbered) == 1:
            numbered[0].codes = codes
            instance.rows[codes[0]] = numbered[0]
            instance.others = [hit for hit in instance.others if hit is not first and hit is not second]


def join_labels_around(instance: Instance, lines: list[Line], words: Vocabulary) -> None:
    """Give bare rows their labels back from the text lines around them.

    A label that is cut by its row, with a part above and a part below it, is that row's. Whole labels above are
    taken only where every bare row has one, in the form's order: in torn text a label may stand far from its row.
    """
    for hit in _bare(instance):
        above, below = _around(hit, lines)
        for first in range(len(above)):
            for last in range(1, len(below) + 1):
                code = _free_code("".join(above[first:] + below[:last]), hit, instance, words)
                if code and hit in instance.others:
                    _name(hit, code, instance)
    found = []
    for hit in _bare(instance):
        above, _ = _around(hit, lines)
        named = (_free_code("".join(above[first:]), hit, instance, words) for first in range(len(above)))
        found.append((hit, next((code for code in named if code), None)))
    order = [words.order[code] for _, code in found if code]
    if len(order) == len(found) and order == sorted(set(order)):
        for hit, code in found:
            _name(hit, str(code), instance)


def _bare(instance: Instance) -> list[Hit]:
    return [hit for hit in instance.others if not hit.label and _numbers(hit)]


def _around(hit: Hit, lines: list[Line]) -> tuple[list[str], list[str]]:
    above = _texts(lines, range(hit.at - 1, hit.at - 1 - _REACH, -1))[::-1]
    return [key(text) for text in above], [
        key(text) for text in _texts(lines, range(hit.at + 1, hit.at + 1 + _REACH))
    ]


def _free_code(spelled: str, hit: Hit, instance: Instance, words: Vocabulary) -> str | None:
    codes = words.rows.get(spelled, ())
    fits = (
        len(codes) == 1
        and codes[0] not in instance.rows
        and _between_neighbours(hit.at, codes[0], instance, words)
    )
    return codes[0] if fits else None


def _name(hit: Hit, code: str, instance: Instance) -> None:
    hit.codes = (code,)
    instance.rows[code] = hit
    instance.others.remove(hit)


def _texts(lines: list[Line], places: Iterable[int]) -> list[str]:
    found = []
    for place in places:
        if not 0 <= place < len(lines) or not lines[place].is_text:
            break
        found.append(lines[place].items[0].raw)
    return found


def match_near_labels(instance: Instance, words: Vocabulary) -> list[Check]:
    """Give a misspelt label its row, where one free row alone is like it and its neighbours agree."""
    doubts: list[Check] = []
    if any(set(words.table.row_codes(form)) <= instance.rows.keys() for form in words.table.cells):
        return doubts
    own = {hit.line.grid for hit in instance.rows.values()}
    for hit in list(instance.others):
        if (
            not hit.label
            or not _values(hit)
            or (hit.line.grid not in own and not instance.start <= hit.at <= instance.end)
        ):
            continue
        code = _near_code(hit, instance, words)
        if code:
            hit.codes, hit.near = (code,), True
            instance.rows[code] = hit
            instance.others.remove(hit)
            label = words.table.row(code).label
            doubts.append(
                doubt(
                    "near_label",
                    words.table.code,
                    code,
                    None,
                    f"{code}: the label {hit.label!r} is read as {label!r}",
                )
            )
    return doubts


def _near_code(hit: Hit, instance: Instance, words: Vocabulary) -> str | None:
    free = [code for code in words.order if code not in instance.rows]
    if words.table.code == "requests":
        split = any(code.startswith("other_") for code in instance.rows)
        free = [
            code
            for code in free
            if not (split and code == "other")
            and not ("other" in instance.rows and code.startswith("other_"))
        ]
    spelled = key(hit.label)
    if len(spelled) < 3:
        return None
    scores: dict[str, float] = {}
    for candidate, codes in words.rows.items():
        for code in codes:
            if code in free:
                score = SequenceMatcher(None, spelled, candidate, autojunk=False).ratio()
                scores[code] = max(score, scores.get(code, 0.0))
    ranked = sorted(scores.items(), key=lambda entry: -entry[1])
    if not ranked or ranked[0][1] < _NEAR or (len(ranked) > 1 and ranked[0][1] - ranked[1][1] < _MARGIN):
        return None
    known = [score for codes in (words.rows.get(spelled, ()),) for score in codes]
    return ranked[0][0] if not known and _between_neighbours(hit.at, ranked[0][0], instance, words) else None


def _between_neighbours(at: int, code: str, instance: Instance, words: Vocabulary) -> bool:
    before = [words.order[other] for other, hit in instance.rows.items() if hit.at < at]
    after = [words.order[other] for other, hit in instance.rows.items() if hit.at > at]
    return max(before, default=-1) < words.order[code] < min(after, default=len(words.order))


def match_near_columns(instance: Instance, words: Vocabulary) -> list[Check]:
    """Give a misspelt column label its column, where one unknown label alone is like the one that is missing."""
    hits = [*instance.rows.values(), *instance.others, *instance.repeated]
    heads = {head.code for hit in hits for head in hit.header}
    missing = [column for column in words.table.columns if column.code not in heads]
    unknown = sorted(code for code in heads if code.startswith("extra:"))
    doubts = []
    for column in missing:
        like = [
            code
            for code in unknown
            if SequenceMatcher(None, code.removeprefix("extra:"), key(column.label), autojunk=False).ratio()
            >= _NEAR_COLUMN
        ]
        if len(like) != 1:
            continue
        for hit in hits:
            hit.header = tuple(
                replace(head, code=column.code) if head.code == like[0] else head for head in hit.header
            )
        label = like[0].removeprefix("extra:")
        doubts.append(
            doubt(
                "near_label",
                words.table.code,
                None,
                column.code,
                f"{column.code}: the label {label!r} is read as {column.label!r}",
            )
        )
    return doubts


def place_unlabelled(instance: Instance, words: Vocabulary, form_rows: list[str]) -> list[Check]:
    """Give rows without a label their place between matched neighbours, where the form leaves exactly one.

    As many bare rows as the form has rows between two matched ones: they are taken in its order, and marked.
    Where the counts differ nothing is placed, and that is said.
    """
    doubts: list[Check] = []
    table = words.table.code
    known = sorted(
        ((hit.at, code) for code, hit in instance.rows.items() if code in form_rows),
        key=lambda entry: entry[0],
    )
    bare = [hit for hit in instance.others if not hit.label and _numbers(hit)]
    for (start, before), (end, after) in pairwise(known):
        gap = form_rows[form_rows.index(before) + 1 : form_rows.index(after)]
        inside = [hit for hit in bare if start < hit.at < end]
        if not inside:
            continue
        if len(inside) != len(gap):
            doubts.append(
                doubt(
                    "unlabelled",
                    table,
                    None,
                    None,
                    f"{len(inside)} rows without a label between {before} and {after}, where the form has {len(gap)}",
                )
            )
            continue
        for hit, code in zip(inside, gap, strict=True):
            hit.codes = (code,)
            instance.rows[code] = hit
            instance.others.remove(hit)
            doubts.append(
                doubt(
                    "unlabelled",
                    table,
                    code,
                    None,
                    f"{code}: the row has no label; placed by the form's order between {before} and {after}",
                )
            )
    return doubts


def _numbers(hit: Hit) -> bool:
    return any(item.kind == "number" for item in hit.values)


def _values(hit: Hit) -> bool:
    return any(item.kind in ("number", "blank", "odd") for item in hit.values)
