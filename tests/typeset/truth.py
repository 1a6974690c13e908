"""What a document says, as a truth file holds it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from typeset.model import Draft, nested

Truth = dict[str, Any]


def truth_of(draft: Draft, *, name: str, quirks: Iterable[str], units: Mapping[str, str]) -> Truth:
    """The truth of a draft.

    Returns
    -------
    dict
        ``file``, ``unit``, ``year``, ``form``, ``kind``, ``quirk``, ``cells`` (table, row, column), ``blank`` (addresses
        printed empty), ``narrative``, and what quirks added: ``ambiguous`` (rows that cannot be decided from the document),
        ``lenient`` (cells that may be read as 0 or as nothing), ``units``, ``violations``, ``broken``, ``culprit``.
    """
    figures = {address: value for address, value in draft.figures.items() if address in draft.printed}
    truth: Truth = {
        "file": name,
        "unit": draft.unit,
        "year": draft.year,
        "form": draft.form,
        "kind": "scan" if draft.format == "png" else draft.format,
        "quirk": "+".join(quirks),
        "cells": nested(figures),
        "blank": [list(address) for address in sorted(draft.printed - set(figures))],
        "violations": [],
    }
    printed = {key: unit for key, unit in units.items() if tuple(key.split(".")) in figures}
    if printed:
        truth["units"] = printed
    truth.update(_of_what_is_printed(draft))
    return truth


def _of_what_is_printed(draft: Draft) -> Truth:
    """What quirks added, without what they said of tables that another quirk removed."""
    added = dict(draft.truth)
    rows = {address[:2] for address in draft.printed}
    if "ambiguous" in added:
        added["ambiguous"] = [row for row in added["ambiguous"] if tuple(row) in rows]
    if not draft.printed:
        for key in ("broken", "violations", "culprit", "shifted"):
            added.pop(key, None)
    return added
