"""A table may stand in a document several times: copies, last year's figures, several reports. Which is the report's?"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from giakit.forms.labels import key
from giakit.reading.lines import Line
from giakit.reading.scan import Hit
from giakit.reading.titles import Title, verdict_of
from giakit.reading.vocabulary import Vocabulary

_CHAPTER = re.compile(r"^\s*[一二三四五六七八九十]{1,2}\s*[、.．]")
_NEAR = 25
_CLOSE = 6
_SEVERAL = 5


@dataclass(slots=True)
class Instance:
    """One printing of a table: its rows by code, and the lines in between that carry no known label."""

    rows: dict[str, Hit] = field(default_factory=dict)
    others: list[Hit] = field(default_factory=list)
    repeated: list[Hit] = field(default_factory=list)

    @property
    def start(self) -> int:
        """Number of its first line."""
        return min(hit.at for hit in self.rows.values())

    @property
    def end(self) -> int:
        """Number of its last line."""
        return max(hit.at for hit in self.rows.values())

    @property
    def figures(self) -> int:
        """How many numbers stand in its rows."""
        return sum(item.kind == "number" for hit in self.rows.values() for item in hit.values)


def split(hits: list[Hit], words: Vocabulary) -> list[Instance]:
    """Cut the hits where a row comes again."""
    instances: list[Instance] = []
    current = Instance()
    specific = [hit.at for hit in hits if hit.code and not _is_generic(hit, words)]
    for hit in hits:
        code = hit.code
        if code and _is_generic(hit, words) and not any(abs(hit.at - at) <= _CLOSE for at in specific):
            continue
        if not code:
            current.others.append(hit)
        elif code not in current.rows and not _starts_anew(code, current, words):
            current.rows[code] = hit
        elif code in current.rows and _hangs_down(hit):
            continue
        else:
            instances.append(current)
            current = Instance({code: hit})
    instances.append(current)
    instances = [instance for instance in instances if instance.rows]
    merged: list[Instance] = []
    for instance in instances:
        if merged and _same_table(merged[-1], instance):
            _merge(merged[-1], instance)
        else:
            merged.append(instance)
    return merged


def _starts_anew(code: str, current: Instance, words: Vocabulary) -> bool:
    """A row that comes before all that was read begins another printing; parts of one table are joined again later."""
    return len(current.rows) >= _SEVERAL and words.order[code] < min(words.order[other] for other in current.rows)


def _is_generic(hit: Hit, words: Vocabulary) -> bool:
    """A label that a column shares (其他, 总计) names a row only beside rows that are named for certain."""
    return key(hit.label) in words.columns


def _hangs_down(hit: Hit) -> bool:
    """A label that spans two lines, with nothing of its own in the second."""
    return all(item.kind != "number" or item.carried for item in hit.values)


def _same_table(first: Instance, second: Instance) -> bool:
    """One row too many does not make a second table."""
    shared = first.rows.keys() & second.rows.keys()
    return len(shared) <= 1 and (len(first.rows) > 2 < len(second.rows) or _together(first, second))


def _together(first: Instance, second: Instance) -> bool:
    """Whether a printing goes on where the other ends: a row that stands there again is the same table's."""
    last = max(first.rows.values(), key=lambda hit: hit.at)
    next_ = min(second.rows.values(), key=lambda hit: hit.at)
    return last.line.grid == next_.line.grid and next_.at - last.at <= _CLOSE


def _merge(first: Instance, second: Instance) -> None:
    for code, hit in second.rows.items():
        if code in first.rows:
            first.repeated.append(hit)
        else:
            first.rows[code] = hit
    first.others += second.others


def choose(
    instances: list[Instance],
    lines: list[Line],
    title: Title,
    *,
    least: int,
    same: Callable[[Instance, Instance], bool],
) -> tuple[list[Instance], str]:
    """The instance that is the report's, and why there is a doubt about it ("" if there is none).

    Several instances: nothing says which of them it is.
    """
    known = [instance for instance in instances if len(instance.rows) >= least]
    ends = [0, *(instance.end + 1 for instance in known)][: len(known)]
    reasons = [_foreign(instance, lines, after, title) for instance, after in zip(known, ends, strict=True)]
    native = [instance for instance, reason in zip(known, reasons, strict=True) if not reason]
    # Where some stand under the report's own heading, they are all that counts, empty or not.
    full = (
        native if native and len(native) < len(known) else [instance for instance in known if instance.figures] or known
    )
    if not full:
        return [], ""
    most = max(len(instance.rows) for instance in full)
    full = [instance for instance in full if len(instance.rows) * 2 > most]
    if len(full) == 1:
        return full, "" if full[0] in native else reasons[known.index(full[0])]
    if all(same(full[0], other) for other in full[1:]):
        return full[:1], ""
    return (full, f"the table stands {len(full)} times with different figures, and nothing says which is the report's")


def _foreign(instance: Instance, lines: list[Line], after: int, title: Title) -> str:
    """Why an instance belongs to another report or year, "" if it does not: the last word before it decides."""
    if instance.start == instance.end:
        # A table of one line may print it once for each year.
        verdicts = [verdict_of(item.raw, title) for item in lines[instance.start].labels]
        if any(verdicts):
            return next(filter(None, verdicts))
    titles_only = False
    for distance, line in enumerate(reversed(lines[after : instance.start])):
        if line.is_text or len(line.items) == 1 or len(line.labels) == 1:
            text = line.items[0].raw
            verdict = verdict_of(text, title, titles_only=titles_only or distance > _NEAR)
            if verdict is not None:
                return verdict
            # A heading above the chapter's own speaks of another table.
            titles_only = titles_only or bool(_CHAPTER.match(text))
    return ""
