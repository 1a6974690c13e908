"""Rows whose label is damaged: laid over the form's rows that are missing between those named for certain.

Between two rows that are named exactly there is a gap: some runs of figures without a whole label, and some rows of the
form that were not met. Runs are matched to rows in the form's order so that as much of the labels as possible is
covered by the text before, beside and behind each run.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import pairwise

from giakit.checks.model import Check
from giakit.forms.labels import bare_key, key
from giakit.reading.columns import doubt
from giakit.reading.instances import Instance
from giakit.reading.lines import Line
from giakit.reading.scan import Hit
from giakit.reading.vocabulary import Vocabulary

_NEAR = 0.75
_NEAR_COLUMN = 0.6
_MARGIN = 0.08
_ALONE = 0.5
_BEHIND = 0.6
_REACH = 60
_SHORTEST = 4
_MOST_PIECES = 6
_OTHER_ROWS = ("other_uncorrected", "other_unpaid", "other_rest")


@dataclass(frozen=True, slots=True)
class _Context:
    """The label text around a run: the pieces before and beside it, and those behind it up to the next run."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    beside: str


def place_rows(instance: Instance, lines: list[Line], words: Vocabulary) -> list[Check]:
    """Give the runs without a whole label their rows; doubts say which were not named exactly."""
    _release(instance, words)
    if any(set(words.table.row_codes(form)) <= instance.rows.keys() for form in words.table.cells):
        return []
    runs = [hit for hit in instance.others if _has_values(hit)]
    if not runs:
        return []
    anchors = sorted(((hit.at, code) for code, hit in instance.rows.items()), key=lambda entry: entry[0])
    anchors = _in_order(anchors, words)
    form_rows = words.table.row_codes(_form(instance, words))
    order = {code: number for number, code in enumerate(words.order)}
    first, last = instance.start, instance.end
    ends = [(first - len(words.order) * 3, ""), *anchors, (last + len(words.order) * 3, "")]
    numbered = sorted([hit.at for hit in instance.rows.values()] + [hit.at for hit in runs if hit.has_number])
    table_grids = {hit.line.grid for hit in instance.rows.values()}
    doubts: list[Check] = []
    for (start, before), (end, after) in pairwise(ends):
        inside = [
            hit for hit in runs if start < hit.at < end and (hit.line.grid in table_grids or first <= hit.at <= last)
        ]
        low, high = order.get(before, -1), order.get(after, len(order))
        free = [code for code in words.order if low < order[code] < high and code not in instance.rows]
        if not inside or not free:
            continue
        contexts = [_context(hit, lines, numbered) for hit in inside]
        gap = [code for code in form_rows if code in free]
        bare = [hit for hit in inside if _is_bare(hit)]
        if words.table.code == "requests" and before and after and len(bare) == len(inside) == len(gap):
            doubts += _by_order(inside, gap, contexts, instance, words)
            continue
        doubts += _fill_gap(inside, free, contexts, instance, words)
        left = [hit for hit in bare if hit in instance.others]
        if left and words.table.code == "requests" and before and after:
            lacking = sum(code not in instance.rows for code in gap)
            message = f"{len(left)} rows without a label between {before} and {after}, where the form has {lacking}"
            doubts.append(doubt("unlabelled", "requests", None, None, message))
    return doubts


def _form(instance: Instance, words: Vocabulary) -> str:
    if words.table.code != "requests":
        return next(iter(words.table.cells))
    return "2019" if "other" in instance.rows and not set(_OTHER_ROWS) & instance.rows.keys() else "2021"


def _release(instance: Instance, words: Vocabulary) -> None:
    """A label that names a row only beside others (其他, 总计, 其他处理) names none where it stands out of the form's order."""
    places = sorted(((hit.at, code) for code, hit in instance.rows.items()), key=lambda entry: entry[0])
    ordered = {code for _, code in _in_order(places, words)}
    split = {code for code in instance.rows if code in _OTHER_ROWS}
    for _, code in places:
        hit = instance.rows[code]
        half_split = code == "other" and 0 < len(split) < len(_OTHER_ROWS)
        if half_split or (code not in ordered and key(hit.label) in words.columns):
            del instance.rows[code]
            hit.codes, hit.label = (), ""
            instance.others.append(hit)
    instance.others.sort(key=lambda other: other.at)


def _in_order(places: Sequence[tuple[int, str]], words: Vocabulary) -> list[tuple[int, str]]:
    """The longest part of the named rows that stands in the form's order."""
    tails: list[int] = []
    ends: list[int] = []
    links: list[int] = []
    for number, (_, code) in enumerate(places):
        place = bisect_left(tails, words.order[code])
        links.append(ends[place - 1] if place else -1)
        tails[place : place + 1] = [words.order[code]]
        ends[place : place + 1] = [number]
    kept = []
    number = ends[-1] if ends else -1
    while number >= 0:
        kept.append(places[number])
        number = links[number]
    return kept[::-1]


def _context(hit: Hit, lines: list[Line], numbered: list[int]) -> _Context:
    place = bisect_left(numbered, hit.at)
    start = numbered[place - 1] + 1 if place else max(0, hit.at - _REACH)
    stop = next((at for at in numbered[place:] if at > hit.at), min(len(lines), hit.at + _REACH))
    return _Context(tuple(_pieces(lines[start : hit.at + 1])), tuple(_pieces(lines[hit.at + 1 : stop])), key(hit.label))


def _pieces(lines: Sequence[Line]) -> list[str]:
    spelled = (key(item.raw) for line in lines for item in line.items if item.kind == "label" and not item.carried)
    return [piece for piece in spelled if piece]


def _coverage(context: _Context, names: Sequence[str]) -> float:
    """How much of a row's label stands around a run: 1 for the whole of it in one stretch of pieces."""
    before, after = context.before[-_MOST_PIECES:], context.after[:_MOST_PIECES]
    whole = {
        "".join(before[start:]) + "".join(after[:end]) for start in range(len(before)) for end in range(len(after) + 1)
    }
    if any(name in whole for name in names):
        return 1.0
    best = 0.0
    above = "".join(context.before)[-_REACH:]
    around = above + "".join(context.after)[:_REACH]
    for name in names:
        if context.beside:
            best = max(best, SequenceMatcher(None, context.beside, name, autojunk=False).ratio())
        if len(name) >= _SHORTEST:
            blocks = SequenceMatcher(None, around, name, autojunk=False).get_matching_blocks()
            covered = sum(block.size for block in blocks if block.size > 1) / len(name)
            begins = next((block.a for block in blocks if block.size > 1), len(above))
            # A label that stands behind its figures alone is rather the next row's.
            best = max(best, covered * (0.98 if begins < len(above) else _BEHIND))
    return best


def _fill_gap(
    runs: list[Hit], free: list[str], contexts: list[_Context], instance: Instance, words: Vocabulary
) -> list[Check]:
    """Match the runs of a gap to its rows in order, so that the labels are covered best."""
    names = {code: _names(code, words) for code in free}
    scores = [[_coverage(context, names[code]) for code in free] for context in contexts]
    chosen = _monotone(scores, _ALONE)
    named = {run for run, row in chosen if scores[run][row] >= _NEAR}
    # Where some run has no label by it, labels are piled up, and none is sure to be the next run's.
    piled = any(_is_bare(hit) and run not in named for run, hit in enumerate(runs))
    doubts = []
    for run, row in chosen:
        score = scores[run][row]
        rivals = [
            scores[run][other]
            for other in range(len(free))
            if other != row and other not in {taken for _, taken in chosen}
        ] + [
            scores[other][row]
            for other in range(len(runs))
            if other != run and (other, row) not in chosen and other not in {taken for taken, _ in chosen}
        ]
        alone = len(runs) == len(free) == 1
        if score < 1 and not alone and (score < _NEAR or max(rivals, default=0.0) > score - _MARGIN):
            continue
        hit, code = runs[run], free[row]
        if (score < 1 and words.rows.get(contexts[run].beside)) or (piled and _is_bare(hit)):
            continue
        label = hit.label
        _name(hit, code, instance)
        if score < 1:
            hit.near = True
            doubts.append(
                doubt(
                    "near_label",
                    words.table.code,
                    code,
                    None,
                    f"{code}: the label {label!r} is read as {words.table.row(code).label!r}",
                )
            )
    return doubts


def _names(code: str, words: Vocabulary) -> list[str]:
    row = words.table.row(code)
    spelled = [form(label) for label in (row.label, *row.aliases) for form in (key, bare_key)]
    return [name for name in dict.fromkeys(spelled) if name]


def _monotone(scores: list[list[float]], least: float) -> list[tuple[int, int]]:
    """Pairs of (run, row), both rising, whose scores add up to the most; none below `least`."""
    rows = len(scores[0])
    best = [[0.0] * (rows + 1) for _ in range(len(scores) + 1)]
    for run in range(1, len(scores) + 1):
        for row in range(1, rows + 1):
            score = scores[run - 1][row - 1]
            matched = best[run - 1][row - 1] + score if score >= least else 0.0
            best[run][row] = max(best[run - 1][row], best[run][row - 1], matched)
    pairs = []
    run, row = len(scores), rows
    while run and row:
        if best[run][row] == best[run - 1][row]:
            run -= 1
        elif best[run][row] == best[run][row - 1]:
            row -= 1
        else:
            run, row = run - 1, row - 1
            pairs.append((run, row))
    return pairs[::-1]


def _by_order(
    bare: list[Hit], gap: list[str], contexts: list[_Context], instance: Instance, words: Vocabulary
) -> list[Check]:
    """As many runs without a label as the form has rows left: they are taken in its order, and those marked whose label
    does not stand by them."""
    scores = [_coverage(context, _names(code, words)) for context, code in zip(contexts, gap, strict=True)]
    doubts = []
    for hit, code, score in zip(bare, gap, scores, strict=True):
        _name(hit, code, instance)
        if min(scores) < 1:
            message = f"{code}: the row has no label{' of its own' * (score > _ALONE)}; placed by the form's order"
            doubts.append(doubt("unlabelled", words.table.code, code, None, message))
    return doubts


def _is_bare(hit: Hit) -> bool:
    return not hit.label and hit.has_number


def _name(hit: Hit, code: str, instance: Instance) -> None:
    hit.codes = (code,)
    instance.rows[code] = hit
    instance.others.remove(hit)


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
            hit.header = tuple(replace(head, code=column.code) if head.code == like[0] else head for head in hit.header)
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


def _has_values(hit: Hit) -> bool:
    return any(item.kind in ("number", "blank", "odd") for item in hit.values)
