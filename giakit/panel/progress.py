"""What a build shows while it runs: a bar with rate, errors and time left."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from giakit.panel.tasks import Outcome


class Progress:
    """A bar for each stage on stderr, or nothing.

    Parameters
    ----------
    shown : bool or None
        None: where stderr is a terminal, and in a notebook.
    """

    def __init__(self, shown: bool | None) -> None:
        self.shown = sys.stderr.isatty() or "ipykernel" in sys.modules if shown is None else shown

    def follow(
        self, stage: str, total: int, outcomes: Iterable[Outcome], *, unit: str = "file", steps: bool = False
    ) -> Iterator[Outcome]:
        """Pass outcomes on and show how far they are."""
        with self._bar(stage, total, unit) as bar:
            errors = 0
            for outcome in outcomes:
                errors += outcome.errors
                bar.update(1 if steps else outcome.files)
                if errors:
                    bar.set_postfix_str(f"{errors} unreadable", refresh=False)
                yield outcome

    @contextmanager
    def _bar(self, stage: str, total: int, unit: str) -> Iterator[Any]:
        if not self.shown or not total:
            yield _Bar()
            return
        from tqdm.auto import tqdm

        with tqdm(
            total=total,
            desc=stage,
            unit=unit,
            file=sys.stderr,
            smoothing=0.1,
            ascii=not _draws_blocks(),
            dynamic_ncols=True,
        ) as bar:
            yield bar


class _Bar:
    """A bar that shows nothing."""

    def update(self, n: int) -> None:
        """Nothing."""

    def set_postfix_str(self, text: str, refresh: bool) -> None:
        """Nothing."""


def _draws_blocks() -> bool:
    return (sys.stderr.encoding or "").lower().replace("-", "") == "utf8"
