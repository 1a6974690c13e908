"""The errors of giakit: one root, children that carry their data and say what, where, and what would be valid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, dataclass_transform


@dataclass_transform(eq_default=False)
class GiakitError(Exception):
    """Root of every error that giakit raises on purpose; its attributes go with it into another process.

    A child names its data as fields, which are its attributes and its arguments, and words them in `message`.
    """

    message: ClassVar[str]

    def __init_subclass__(cls) -> None:
        dataclass(eq=False, repr=False)(cls)

    def __post_init__(self) -> None:
        self.args = (self.message.format_map(vars(self)),)

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self.args, vars(self))


def _restored(kind: type[GiakitError], arguments: tuple[Any, ...], data: dict[str, Any]) -> GiakitError:
    error = kind.__new__(kind, *arguments)
    error.args = arguments
    vars(error).update(data)
    return error


class NotAReport(GiakitError, ValueError):
    """The document `name` was opened, but it is no annual report on government information disclosure."""

    name: str
    reason: str
    message = "{name}: no annual report on information disclosure: {reason}"


class UnreadableDocument(GiakitError, ValueError):
    """The document `name` could not be opened; `reason` says why, and what would help."""

    name: str
    reason: str
    message = "{name}: cannot be read: {reason}"


class UnknownChoice(GiakitError, ValueError):
    """An option, code or column `what` was `given` a value that giakit does not know; `valid` lists what it knows."""

    what: str
    given: object
    valid: Iterable[object]

    def __post_init__(self) -> None:
        valid = tuple(str(choice) for choice in self.valid)
        self.given, self.valid = str(self.given), valid
        self.args = (f"{self.what}: {self.given!r} is not known; valid: {', '.join(valid)}",)


class MissingColumns(GiakitError, KeyError):
    """A frame lacks columns that a function needs: `missing`, a tuple of str."""

    function: str
    missing: Iterable[object]

    def __post_init__(self) -> None:
        missing = tuple(str(name) for name in self.missing)
        self.missing = missing
        self.args = (f"{self.function}: the frame lacks {', '.join(missing)}",)


class NotComparable(GiakitError, ValueError):
    """A series was asked for across a break, `between` two forms, that the crosswalk calls not comparable."""

    item: str
    between: tuple[str, str]
    reason: str
    message = "{item}: forms {between[0]} and {between[1]} are not comparable: {reason}"


class MixedScopes(GiakitError, ValueError):
    """A sum would mix whole jurisdictions with their parts: `pairs` of report ids, whole and part."""

    pairs: Sequence[tuple[str, str]]

    def __post_init__(self) -> None:
        pairs = self.pairs = tuple(self.pairs)
        self.args = (
            f"{len(pairs)} reports stand beside a report that already counts them "
            f"({_first(f'{part} in {whole}' for whole, part in pairs)}); "
            'choose overlap="wholes" or overlap="parts"; panel.hierarchy() lists all pairs',
        )


class RepeatedReports(GiakitError, ValueError):
    """A sum would count agencies of one scope and year more than once: those in `repeated`."""

    repeated: Iterable[str]

    def __post_init__(self) -> None:
        repeated = self.repeated = tuple(self.repeated)
        self.args = (
            f"{len(repeated)} agencies stand in the frame more than once with one scope and year "
            f'({_first(repeated)}); panel.wide(versions="best") keeps one version of each',
        )


def _first(texts: Iterable[str]) -> str:
    listed = list(texts)
    return "; ".join([*listed[:3], *(["…"] if len(listed) > 3 else [])])


class CannotEstimate(GiakitError, ValueError):
    """The data cannot carry the estimate of `function`; `instead` is the choice that would help."""

    function: str
    reason: str
    instead: str
    message = "{function}: {reason}; {instead}"


class InvalidStudy(GiakitError, ValueError):
    """A study was asked of data on which it says nothing; `reason` says where it would be valid."""

    study: str
    reason: str
    message = "{study}: not valid here: {reason}"


class PanelLocked(GiakitError, OSError):
    """Another build writes into the folder `out`."""

    out: str
    message = "{out}: another build is writing here; wait for it or choose another folder"


class BadPanel(GiakitError, ValueError):
    """The folder `path` is no panel, or one that this version cannot open."""

    path: str
    reason: str
    message = "{path}: no panel of giakit: {reason}"


class BuildStopped(GiakitError, OSError):
    """A build cannot write on: what was read so far is kept, and the next run goes on from there."""

    reason: str
    message = "the build stopped: {reason}; what was read is kept: run the same command again to go on"


class BuildInterrupted(KeyboardInterrupt):
    """A build was interrupted at the keyboard, and left in `out` a panel of the `reports` that it had read."""

    def __init__(self, out: str, reports: int) -> None:
        self.out = out
        self.reports = reports
        super().__init__(
            f"interrupted; {out} holds {reports:,} reports read so far: run the same command again to go on"
        )

    __reduce__ = GiakitError.__reduce__


class NoScheduler(GiakitError, OSError):
    """No Dask scheduler answers at the `address`."""

    address: str
    message = "{address}: no Dask scheduler answers there; valid: tcp://host:port of a running one"


class MissingExtra(GiakitError, ImportError):
    """A function needs a `package` that is not installed; an `extra` of giakit brings it."""

    package: str
    extra: str
    message = '{package} is not installed; try: pip install "giakit[{extra}]"'


class FormError(GiakitError, ValueError):
    """The file of a form contradicts itself."""

    form: str
    reason: str
    message = "form {form}: {reason}"


class BadCorrection(GiakitError, ValueError):
    """A correction of the cell or field `place` that cannot be applied."""

    place: str
    reason: str
    message = "{place}: {reason}"
