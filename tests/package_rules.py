"""Whether a data package says what its files hold: names, types, code lists, keys, hashes."""

from __future__ import annotations

import csv
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

TYPES = {
    "string": r"(?s).*",
    "integer": r"-?\d+",
    "number": r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?",
    "boolean": r"True|False|true|false",
}
NAME = re.compile(r"[a-z0-9._-]+")


def rows(entry: dict[str, Any], folder: Path) -> tuple[list[str], list[dict[str, str]]]:
    """Header and rows of a resource, as text."""
    if "data" in entry:
        held = [{name: "" if value is None else str(value) for name, value in row.items()} for row in entry["data"]]
        return list(entry["data"][0]), held
    with (folder / entry["path"]).open(encoding=entry["encoding"], newline="") as file:
        reader = csv.DictReader(file)
        return list(reader.fieldnames or []), list(reader)


def problems(package: dict[str, Any], folder: Path) -> list[str]:
    """What is wrong with a package of CSV files; nothing if it is sound."""
    found = [] if NAME.fullmatch(package["name"]) else ["name of the package"]
    held = {entry["name"]: (entry, *rows(entry, folder)) for entry in package["resources"]}
    for name, (entry, header, lines) in held.items():
        fields = entry["schema"]["fields"]
        if not NAME.fullmatch(name):
            found.append(f"{name}: no name of a resource")
        if header != [field["name"] for field in fields]:
            found.append(f"{name}: fields are not the header")
            continue
        found += [
            f"{name}: {problem}"
            for field in fields
            for problem in _values(field, [line[field["name"]] for line in lines])
        ]
        found += [f"{name}: {problem}" for problem in _keys(entry, lines, held)]
        if "hash" in entry:
            data = (folder / entry["path"]).read_bytes()
            if entry["hash"] != f"sha256:{sha256(data).hexdigest()}" or entry["bytes"] != len(data):
                found.append(f"{name}: hash or size")
    return found


def _values(field: dict[str, Any], values: list[str]) -> list[str]:
    given = [value for value in values if value]
    rule = field.get("constraints", {})
    found = [
        f"{field['name']}: {value!r} is no {field['type']}"
        for value in given
        if not re.fullmatch(TYPES[field["type"]], value)
    ]
    if "enum" in rule:
        found += [
            f"{field['name']}: {value!r} is not in the code list" for value in sorted(set(given) - set(rule["enum"]))
        ]
    if rule.get("required") and len(given) < len(values):
        found.append(f"{field['name']}: empty")
    return found


def _keys(entry: dict[str, Any], lines: list[dict[str, str]], held: dict[str, Any]) -> list[str]:
    found = []
    key = entry["schema"].get("primaryKey")
    if key and len({tuple(line[name] for name in key) for line in lines}) < len(lines):
        found.append("the key does not tell rows apart")
    for foreign in entry["schema"].get("foreignKeys", []):
        reference = foreign["reference"]
        there = {tuple(line[name] for name in reference["fields"]) for line in held[reference["resource"]][2]}
        found += [
            f"{key} is not in {reference['resource']}"
            for line in lines
            if (key := tuple(line[name] for name in foreign["fields"])) not in there
        ]
    return found
