"""Compares what was read with the truth of a document."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Address = tuple[str, str, str]
QUIET = {"pass", "note", "not_assessable"}


@dataclass(slots=True)
class Reading:
    """What a reader gave: cells that are reported, cells that it left undecided, findings; or an error."""

    cells: dict[Address, float] = field(default_factory=dict)
    undecided: set[Address] = field(default_factory=set)
    findings: list[Mapping[str, Any]] = field(default_factory=list)
    unit: str | None = None
    year: int | None = None
    form: str | None = None
    suggestions: list[Mapping[str, Any]] = field(default_factory=list)
    refused: str | None = None
    crashed: str | None = None


@dataclass(slots=True)
class Score:
    """Counts, and reasons for what is not perfect."""

    counts: Counter[str]
    reasons: list[str]


def same(one: float | None, other: float | None) -> bool:
    """Whether two figures are equal."""
    return one is not None and other is not None and math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


def score(truth: Mapping[str, Any], read: Reading, known: Iterable[Address]) -> Score:
    """Score one document.

    Parameters
    ----------
    truth : mapping
        A truth file.
    read : Reading
    known : iterable of addresses
        All cells that forms have: only these can be invented.
    """
    counts: Counter[str] = Counter(docs=1)
    if truth.get("expect") == "error":
        counts["negatives"] = 1
        counts["negatives_refused"] = int(read.refused is not None)
        reason = f"crash: {read.crashed}" if read.crashed else f"read as a report ({len(read.cells)} cells)"
        counts["crash"] = int(read.crashed is not None)
        return Score(counts, [] if counts["negatives_refused"] else [reason])
    figures = {
        (t, r, c): float(v) for t, rows in truth["cells"].items() for r, row in rows.items() for c, v in row.items()
    }
    ambiguous = {tuple(row) for row in truth.get("ambiguous", ())}
    wanted = {address: value for address, value in figures.items() if address[:2] not in ambiguous}
    counts["cells"] = len(wanted)
    if read.crashed is not None or read.refused is not None:
        counts["crash" if read.crashed is not None else "refused"] = 1
        counts["missing"] = len(wanted)
        return Score(counts, [f"crash: {read.crashed}" if read.crashed is not None else f"refused: {read.refused}"])
    faults = list(_faults(truth, wanted, figures, ambiguous, read, set(known)))
    counts["exact"] = len(wanted) - sum(kind in ("missing", "wrong") for kind, *_ in faults)
    alarms = [finding for finding in read.findings if str(finding.get("status")).lower() not in QUIET]
    touched = {finding.get("table") for finding in alarms}
    silent = [fault for fault in faults if None not in touched and fault[1][0] not in touched]
    unmarked = [row for row in ambiguous if None not in touched and row[0] not in touched]
    counts.update(kind for kind, *_ in faults)
    counts["silent"] = len(silent) + len(unmarked)
    counts["undecided"] = sum(address in read.undecided for address in wanted)
    clean = not faults and not ambiguous and not truth.get("violations")
    counts["loud"] = int(clean and any(finding.get("status") == "fail" for finding in alarms))
    counts["wary"] = int(clean and None in touched and not counts["loud"])
    reasons = _identity_reasons(truth, read, alarms, counts)
    reasons += [f"SILENT {row[0]}.{row[1]} cannot be decided and is not marked" for row in unmarked[:3]]
    for kind in ("wrong", "invented", "blank_read", "missing"):
        places = [fault for fault in faults if fault[0] == kind]
        if places:
            shown = "; ".join(f"{'.'.join(address)} {got} for {want}" for _, address, got, want in places[:3])
            mark = "SILENT " if any(place in silent for place in places) else ""
            reasons.append(f"{mark}{len(places)} {kind}: {shown}{' …' if len(places) > 3 else ''}")
    return Score(counts, reasons)


def _faults(
    truth: Mapping[str, Any],
    wanted: Mapping[Address, float],
    figures: Mapping[Address, float],
    ambiguous: set[tuple[str, ...]],
    read: Reading,
    known: set[Address],
) -> Iterable[tuple[str, Address, float | None, float | None]]:
    lenient = {tuple(cell) for cell in truth.get("lenient", ())}
    blank = {tuple(cell) for cell in truth.get("blank", ())}
    units = truth.get("units", {})
    for address, value in wanted.items():
        got = read.cells.get(address)
        converted = value / 10_000 if units.get(".".join(address)) == "元" else value
        if same(got, value) or same(got, converted) or (address in lenient and (got is None or got == 0)):
            continue
        yield ("missing" if got is None else "wrong"), address, got, value
    for address, got in read.cells.items():
        if address[:2] in ambiguous or address in figures:
            continue
        if address in blank:
            yield "blank_read", address, got, None
        elif address in known and address not in lenient:
            yield "invented", address, got, None


def _identity_reasons(
    truth: Mapping[str, Any], read: Reading, alarms: list[Mapping[str, Any]], counts: Counter[str]
) -> list[str]:
    """Whether unit and year were read, broken identities were found, wrong cells named."""
    reasons = []
    names = {"".join(str(name).split()) for name in (truth["unit"], *truth.get("unit_also", ())) if name}
    counts["unit_of"], counts["unit"] = 1, int("".join((read.unit or "").split()) in names)
    counts["year_of"], counts["year"] = 1, int(read.year == truth["year"])
    counts["form_of"], counts["form"] = (
        int(bool(figures_of(truth))),
        int(read.form == truth["form"] and bool(figures_of(truth))),
    )
    if not counts["unit"]:
        reasons.append(f"unit {read.unit!r} for {truth['unit']!r}")
    if not counts["year"]:
        reasons.append(f"year {read.year!r} for {truth['year']!r}")
    for identity, place in truth.get("broken", ()):
        counts["broken_of"] += 1
        found = any(
            str(a.get("check")).startswith(identity) and place in (a.get("row"), a.get("column")) for a in alarms
        )
        counts["broken"] += int(found)
        if not found:
            reasons.append(f"{identity} {place} is broken and was not found")
    for table, row, column, value in truth.get("culprit", ()):
        counts["culprits_of"] += 1
        address = (table, row, column)
        named = any(
            (s["table"], s["row"], s["column"]) == address and same(s["value"], value) for s in read.suggestions
        )
        counts["culprits"] += int(named)
        if not named:
            reasons.append(f"{'.'.join(address)} should be {value}: not suggested")
    return reasons


def figures_of(truth: Mapping[str, Any]) -> Mapping[str, Any]:
    """The figures of a truth file by table."""
    return dict(truth["cells"])
