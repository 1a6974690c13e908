"""Names of a package that are imported when they are first asked for (PEP 562): importing giakit must cost nothing."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any


def lazy(
    package: str, where: Mapping[str, str], *, modules: Iterable[str] = (), take: Callable[[Any, str], Any] = getattr
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The functions `__getattr__` and `__dir__` of a package.

    Parameters
    ----------
    package : str
    where : mapping of str to str
        Public names, and the module below the package that holds each.
    modules : iterable of str
        Modules below giakit that are names of the package themselves.
    take : callable, optional
        How a name is taken from its module.
    """
    rooms = {module.rpartition(".")[2]: f"giakit.{module}" for module in modules}

    def attribute(name: str) -> Any:
        if name in where:
            value = take(import_module(f"{package}.{where[name]}"), name)
        elif name in rooms:
            value = import_module(rooms[name])
        else:
            close = difflib.get_close_matches(name, [*where, *rooms], 1) if not name.startswith("_") else []
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise AttributeError(f"module {package!r} has no attribute {name!r}{hint}")
        # Kept, because importing a module of the same name (coverage, series) would else stand in the function's place.
        setattr(sys.modules[package], name, value)
        return value

    # What a module has imported for itself is no name of the package: completion lists public names alone.
    return attribute, lambda: sorted({*getattr(sys.modules[package], "__all__", ()), *where, *rooms})
