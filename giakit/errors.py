"""The errors of giakit: one root, children that carry their data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class GiakitError(Exception):
    """Root of every error that giakit raises on purpose; its attributes go with it into another process."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self.args, vars(self))


def _restored(kind: type[GiakitError], arguments: tuple[Any, ...], data: dict[str, Any]) -> GiakitError:
    error = kind.__new__(kind, *arguments)
    error.args = arguments
    vars(error).update(data)
    return error


class NotAReport(GiakitError, ValueError):
    """The document was opened, but it is no annual report on government information disclosure.

    Attributes
    ----------
    name : str
        Name of the document.
    reason : str
        What was found instead, or what was missing.
    """

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        self.reason = reason
        super().__init__(f"{name}: no annual report on information disclosure: {reason}")


class UnreadableDocument(GiakitError, ValueError):
    """The document could not be opened.

    Attributes
    ----------
    name : str
        Name of the document.
    reason : str
        Why it could not be opened, and what would help.
    """

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        self.reason = reason
        super().__init__(f"{name}: cannot be read: {reason}")


class UnknownChoice(GiakitError, ValueError):
    """An option, code or column has a name that giakit does not know.

    Attributes
    ----------
    what : str
        The option in question.
    given : str
        What was asked for.
    valid : tuple of str
        What would have been valid.
    """

    def __init__(self, what: str, given: object, valid: Iterable[object]) -> None:
        self.what = what
        self.given = str(given)
        self.valid = tuple(str(choice) for choice in valid)
        super().__init__(f"{what}: {self.given!r} is not known; valid: {', '.join(self.valid)}")


class MissingColumns(GiakitError, KeyError):
    """A frame lacks columns that a function needs.

    Attributes
    ----------
    function : str
        The function that needs them.
    missing : tuple of str
        The columns that are not in the frame.
    """

    def __init__(self, function: str, missing: Iterable[object]) -> None:
        self.function = function
        self.missing = tuple(str(name) for name in missing)
        super().__init__(f"{function}: the frame lacks {', '.join(self.missing)}")

    def __str__(self) -> str:
        return str(self.args[0])


class NotComparable(GiakitError, ValueError):
    """A series was asked for across a break that the crosswalk calls not comparable.

    Attributes
    ----------
    item : str
        The item asked for.
    between : tuple of str
        The two forms.
    reason : str
        Why the two cannot be compared.
    """

    def __init__(self, item: str, between: tuple[str, str], reason: str) -> None:
        self.item = item
        self.between = between
        self.reason = reason
        super().__init__(f"{item}: forms {between[0]} and {between[1]} are not comparable: {reason}")


class MixedScopes(GiakitError, ValueError):
    """A sum would mix whole jurisdictions with their parts.

    Attributes
    ----------
    pairs : tuple of (str, str)
        Wholes and parts that stand side by side, as `report_id`.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self.pairs = tuple(pairs)
        first = "; ".join(f"{part} in {whole}" for whole, part in self.pairs[:3])
        super().__init__(
            f"{len(self.pairs)} reports stand beside a report that already counts them ({first}"
            f'{"; …" if len(self.pairs) > 3 else ""}); choose overlap="wholes" or overlap="parts"; '
            "panel.hierarchy() lists all pairs"
        )


class RepeatedReports(GiakitError, ValueError):
    """A sum would count an agency of one scope and year more than once.

    Attributes
    ----------
    repeated : tuple of str
        The agencies, each with its year and scope.
    """

    def __init__(self, repeated: Iterable[str]) -> None:
        self.repeated = tuple(repeated)
        super().__init__(
            f"{len(self.repeated)} agencies stand in the frame more than once with one scope and year "
            f"({'; '.join(self.repeated[:3])}{'; …' if len(self.repeated) > 3 else ''}); "
            'panel.wide(versions="best") keeps one version of each'
        )


class CannotEstimate(GiakitError, ValueError):
    """The data cannot carry the estimate that was asked for.

    Attributes
    ----------
    function : str
        What was to be estimated.
    reason : str
        What the data lack.
    instead : str
        The choice that would help.
    """

    def __init__(self, function: str, reason: str, instead: str) -> None:
        self.function, self.reason, self.instead = function, reason, instead
        super().__init__(f"{function}: {reason}; {instead}")


class PanelLocked(GiakitError, OSError):
    """Another build writes into the same folder.

    Attributes
    ----------
    out : str
        The folder.
    """

    def __init__(self, out: str) -> None:
        self.out = out
        super().__init__(f"{out}: another build is writing here; wait for it or choose another folder")


class BadPanel(GiakitError, ValueError):
    """A folder is no panel, or a panel of a kind that this version cannot open.

    Attributes
    ----------
    path : str
        The folder.
    reason : str
        What is wrong, and what would be valid.
    """

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path}: no panel of giakit: {reason}")


class MissingExtra(GiakitError, ImportError):
    """A function needs a package that is not installed.

    Attributes
    ----------
    package : str
        The package.
    extra : str
        The extra of giakit that brings it.
    """

    def __init__(self, package: str, extra: str) -> None:
        self.package = package
        self.extra = extra
        super().__init__(f'{package} is not installed; try: pip install "giakit[{extra}]"')


class FormError(GiakitError, ValueError):
    """A form file contradicts itself.

    Attributes
    ----------
    form : str
        The form or file.
    reason : str
        What is wrong.
    """

    def __init__(self, form: str, reason: str) -> None:
        self.form = form
        self.reason = reason
        super().__init__(f"form {form}: {reason}")


class BadCorrection(GiakitError, ValueError):
    """A correction that cannot be applied.

    Attributes
    ----------
    place : str
        The cell or field.
    reason : str
        What is wrong, and what would be valid.
    """

    def __init__(self, place: str, reason: str) -> None:
        self.place = place
        self.reason = reason
        super().__init__(f"{place}: {reason}")
