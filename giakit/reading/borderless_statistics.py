"""The statistics of 2008-2018 from running text: no sums hold their rows, so most digits that run together stay uncut."""

from __future__ import annotations

from collections.abc import Mapping

from giakit.reading import digits
from giakit.reading.cuts import is_forced, is_separate, put
from giakit.reading.fill import Reading
from giakit.reading.stream import StreamRow
from giakit.reading.values import doubt

# What went out through one channel is a part of what was disclosed.
_BOUNDS = {"via_website": "disclosed_total", "via_gazette": "disclosed_total"}


def fill_statistics(
    rows: Mapping[str, StreamRow], text: str, stated: Mapping[str, set[float]], reading: Reading
) -> None:
    """Cut each row into its figures: by their count, by what the prose states, by what bounds them."""
    columns = ["count", "cumulative"] if "累计" in text else ["count"]
    separate = is_separate(rows, len(columns)) and len(columns) > 1
    cuts: dict[str, list[digits.Values]] = {}
    proven = set()
    for code, row in rows.items():
        if is_forced(row, len(columns)):
            cuts[code] = digits.readings(row.pieces, [len(columns)], summing=False)
            proven.add(code)
        elif separate or not row.whole:
            cuts[code] = []
        else:
            found = [
                cut
                for cut in digits.readings(row.pieces, [len(columns)], summing=False)
                if (cut[0] or 0) <= (cut[-1] or 0)
            ]
            told = stated.get(code, set())
            cuts[code] = [cut for cut in found if cut[0] in told] or found
    for code, whole in _BOUNDS.items():
        if len(cuts.get(whole, ())) == 1 and len(cuts.get(code, ())) > 1:
            most = cuts[whole][0]
            cuts[code] = [
                cut
                for cut in cuts[code]
                if all((part or 0) <= (bound or 0) for part, bound in zip(cut, most, strict=True))
            ]
    for code, row in rows.items():
        found = cuts[code]
        for position, column in enumerate(columns):
            value = found[0][position] if len(found) == 1 else None
            put(
                reading,
                code,
                column,
                row,
                value,
                len(found) != 1,
                len(columns),
            )
        if len(found) != 1:
            reading.doubts.append(
                doubt(
                    "undecided",
                    "statistics",
                    code,
                    None,
                    f"{code}: {row.raw!r} cannot be cut into {len(columns)} cells for certain",
                )
            )
        elif code not in proven:
            reading.doubts.append(
                doubt(
                    "run_together",
                    "statistics",
                    code,
                    None,
                    f"{code}: {row.raw!r} is cut by what the prose states and by the row's total",
                )
            )
