"""Why a build ended before its time."""

from __future__ import annotations

from giakit.errors import GiakitError


class BuildStopped(GiakitError, OSError):
    """A build cannot write on: what was read so far is kept, and the next run goes on from there.

    Attributes
    ----------
    reason : str
        What the system said.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the build stopped: {reason}; what was read is kept: run the same command again to go on")


class BuildInterrupted(KeyboardInterrupt):
    """A build was interrupted at the keyboard, and left a panel of what it had read.

    Attributes
    ----------
    out : str
        The panel.
    reports : int
        Reports in it.
    """

    def __init__(self, out: str, reports: int) -> None:
        self.out = out
        self.reports = reports
        super().__init__(
            f"interrupted; {out} holds {reports:,} reports read so far: run the same command again to go on"
        )

    __reduce__ = GiakitError.__reduce__
