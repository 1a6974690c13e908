"""What a command says on a console, and how it ends where it goes wrong."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

from giakit.errors import GiakitError, PanelLocked

READ_FAILED = 2
LOCKED = 3
FAILED = 1
INTERRUPTED = 130


def print_anything() -> None:
    """Write what a console cannot show as an escape: a GBK or ASCII console must not break printing."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def complain(message: str) -> None:
    """Say in a line or two what went wrong."""
    lines = [line for line in message.splitlines() if line.strip()][:2]
    print("giakit: " + "\n        ".join(lines), file=sys.stderr)


def said(error: BaseException) -> str:
    """What an error says, for a person."""
    if isinstance(error, GiakitError):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def exits(code: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let a command's own errors end with a code of its own."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def run(*args: Any, **options: Any) -> Any:
            try:
                return command(*args, **options)
            except PanelLocked:
                raise
            except (GiakitError, OSError) as error:
                complain(said(error))
                return code

        return run

    return decorate
