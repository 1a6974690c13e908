"""The labels of a table, ready for look-up: keys of rows, columns and groups, alone and with their groups before them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from giakit.forms import Label, Table, tables
from giakit.forms.labels import bare_key, key

_MOST_SEEN = 1 << 16


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Keys of one table's labels.

    `rows` maps a key to the codes it may mean; more than one where only the group tells them apart.
    """

    table: Table
    rows: dict[str, tuple[str, ...]]
    columns: dict[str, str]
    groups: dict[str, str]
    column_groups: dict[str, str]
    stub: frozenset[str]
    numbering: frozenset[str]
    units: frozenset[str]
    order: dict[str, int]
    group_of: dict[str, str]
    opens: dict[str, str]
    allowed: dict[str, frozenset[str]]
    """For each row the columns in which some form prints it."""
    head: re.Pattern[str]
    """A label that stands in a header, the longest first."""
    header: re.Pattern[str]
    """Several of them that run together at the end of a text, a year between them or not."""
    _seen: dict[str, tuple[tuple[str, ...], str | None, str | None]] = field(default_factory=dict)

    def _look_up(self, raw: str) -> tuple[tuple[str, ...], str | None, str | None]:
        # The same labels come in every report: what a raw string names is looked up once.
        if len(self._seen) >= _MOST_SEEN:
            self._seen.clear()
        full, bare = key(raw), bare_key(raw)
        found = (
            self.rows.get(full) or self.rows.get(bare) or (),
            self.columns.get(full) or self.columns.get(bare),
            self.groups.get(full) or self.groups.get(bare),
        )
        self._seen[raw] = found
        return found

    def row_codes(self, raw: str) -> tuple[str, ...]:
        """Codes of the rows that a label may name."""
        return (self._seen.get(raw) or self._look_up(raw))[0]

    def column_code(self, raw: str) -> str | None:
        """Code of the column that a label names."""
        return (self._seen.get(raw) or self._look_up(raw))[1]

    def group_code(self, raw: str) -> str | None:
        """Code of the row group that a label names."""
        return (self._seen.get(raw) or self._look_up(raw))[2]

    def knows(self, raw: str) -> bool:
        """Whether a label is one of the table's."""
        return any(self._seen.get(raw) or self._look_up(raw))

    def stands_beside(self, raw: str) -> bool:
        """Whether a label heads a column that is none of the form's: row numbers, another year, a part of the whole."""
        spelled = key(raw)
        return spelled in self.numbering or any(part in spelled for part in self.table.beside)

    def is_column_group(self, raw: str) -> bool:
        """Whether a label names a group of columns, or the corner."""
        spelled = key(raw)
        return spelled in self.column_groups or spelled in self.stub or any(part in spelled for part in self.stub)


@cache
def vocabulary(code: str) -> Vocabulary:
    """The vocabulary of a table."""
    table = tables()[code]
    group_keys = {group.code: label_keys(group) for group in table.groups}
    rows: dict[str, list[str]] = {}
    for row in table.rows:
        own = label_keys(row)
        prefixes = [""]
        if row.group and row.group in group_keys:
            prefixes += group_keys[row.group]
            prefixes += [
                outer + inner
                for outer in group_keys.get("outcomes", ())
                for inner in group_keys[row.group]
                if row.group != "outcomes"
            ]
        for prefix in prefixes:
            for spelled in own:
                rows.setdefault(prefix + spelled, [])
                if row.code not in rows[prefix + spelled]:
                    rows[prefix + spelled].append(row.code)
    columns = _columns(table)
    heads = {*columns, *(key(label) for label in (*table.stub, *table.unit_columns))}
    heads |= {spelled for group in table.column_groups for spelled in label_keys(group)}
    if table.code == "remedies":
        heads |= {*rows, *(spelled for keys in group_keys.values() for spelled in keys)}
    head = "|".join(sorted(filter(None, heads), key=len, reverse=True))
    return Vocabulary(
        table=table,
        rows={spelled: tuple(codes) for spelled, codes in rows.items()},
        columns=columns,
        head=re.compile(head),
        header=re.compile(rf"(?:{head})(?:\d*(?:{head}))+$"),
        groups={spelled: group.code for group in table.groups for spelled in group_keys[group.code]},
        column_groups={spelled: group.code for group in table.column_groups for spelled in label_keys(group)},
        stub=frozenset(key(label) for label in (*table.stub, *table.unit_columns)),
        numbering=frozenset(key(label) for label in table.numbering),
        units=frozenset(row.unit for row in table.rows if row.unit) | {"件", "条"},
        order={row.code: position for position, row in enumerate(table.rows)},
        group_of={row.code: row.group for row in table.rows},
        opens={row.code: row.group for row in table.rows if row.opens},
        allowed={
            row.code: frozenset(column for cells in table.cells.values() for code, column in cells if code == row.code)
            for row in table.rows
        },
    )


def _columns(table: Table) -> dict[str, str]:
    """Keys of columns, alone and with their groups before them: a cell may hold both."""
    groups = {group.code: label_keys(group) for group in table.column_groups}
    outer = [
        spelled
        for code, keys in groups.items()
        for spelled in keys
        if not any(column.group == code for column in table.columns)
    ]
    found: dict[str, str] = {}
    for column in table.columns:
        inner = groups.get(column.group, [])
        for prefix in ("", *outer, *inner, *(above + below for above in outer for below in inner)):
            for spelled in label_keys(column):
                found.setdefault(prefix + spelled, column.code)
    return found


def label_keys(label: Label) -> list[str]:
    """What identifies a row or column: the keys of its label and aliases, with their remarks and without."""
    found = []
    for name in (label.label, *label.aliases):
        found += [key(name), bare_key(name)]
    return [spelled for spelled in dict.fromkeys(found) if spelled]


def loose(label: str) -> str:
    """A pattern that finds a label's characters with any white space between them."""
    return r"\s*".join(re.escape(character) for character in label)
