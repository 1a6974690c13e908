"""The rooms of the package: a module imports only from rooms above its own, inside functions too."""

from __future__ import annotations

import ast
from pathlib import Path

import giakit

PACKAGE = Path(giakit.__file__).parent
ORDER = (
    "errors", "lazy", "data", "forms", "documents", "checks", "places", "reading", "panel", "metrics", "figures",
    "share", "collect", "review", "simulate", "notebook", "cli_endings", "cli",
)  # fmt: skip


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def imported() -> set[tuple[str, str]]:
    """Pairs of modules of which the first imports the second when it runs; imports for types alone do not count."""
    modules = {".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts): path for path in PACKAGE.rglob("*.py")}
    pairs = set()
    for name, path in modules.items():
        if "data" in path.relative_to(PACKAGE).parts[:-1]:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        typing_only = {
            id(inner)
            for node in ast.walk(tree)
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
            for inner in ast.walk(node)
        }
        for node in ast.walk(tree):
            if id(node) in typing_only:
                continue
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("giakit"):
                pairs |= {
                    (name, f"{node.module}.{one.name}" if f"{node.module}.{one.name}" in modules else str(node.module))
                    for one in node.names
                }
            elif isinstance(node, ast.Import):
                pairs |= {(name, one.name) for one in node.names if one.name.startswith("giakit")}
    return pairs


def test_rooms_import_only_from_rooms_above() -> None:
    wrong = [
        f"{importer} imports {module}"
        for importer, module in sorted(imported())
        if room(importer) not in ("", "__init__", "__main__")
        and room(module)
        and ORDER.index(room(importer)) < ORDER.index(room(module))
    ]
    assert wrong == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    below: dict[str, set[str]] = {}
    for importer, module in imported():
        if importer != module and not importer.endswith("__init__") and room(module):
            below.setdefault(importer, set()).add(module)
    seen: dict[str, int] = {}
    circles = []

    def walk(module: str, path: tuple[str, ...]) -> None:
        seen[module] = 1
        for other in sorted(below.get(module, ())):
            if seen.get(other) == 1:
                circles.append(
                    " → ".join((*path[path.index(other) :], other)) if other in path else f"{module} → {other}"
                )
            elif other not in seen:
                walk(other, (*path, other))
        seen[module] = 2

    for module in sorted(below):
        if module not in seen:
            walk(module, (module,))
    assert circles == []
