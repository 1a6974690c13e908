"""A panel as one file for Stata, Excel or anything that reads Parquet."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from giakit.errors import MissingExtra, UnknownChoice
from giakit.forms import tables as statutory_tables
from giakit.panel.names import LANGUAGES, code_labels, code_lists, code_numbers, rules, variables
from giakit.share.cite import statement
from giakit.share.frame import STATES, Piece, inert_frame, pieces, tables_held

if TYPE_CHECKING:
    from giakit.panel.panel import Panel

KINDS = ("dta", "csv", "parquet", "xlsx")
_NEEDS = {"dta": "pyreadstat", "xlsx": "openpyxl"}
_STATA_TITLE = "Annual reports on government information disclosure, read with giakit"


def export(
    panel: Panel | str | os.PathLike[str],
    *,
    to: Literal["dta", "csv", "parquet", "xlsx"],
    out: str | os.PathLike[str] | None = None,
    tables: Sequence[str] | None = None,
    lang: Literal["en", "zh"] = "en",
) -> list[Path]:
    """Write a panel as one wide table, one row a report and one variable a cell.

    Parameters
    ----------
    panel : Panel or path
        Corrections that lie beside it are applied.
    to : {"dta", "csv", "parquet", "xlsx"}
        Stata (needs the extra ``export``), CSV in UTF-8 with the byte order mark that Excel needs, Parquet, or an Excel
        workbook (needs the extra ``export``).
    out : path, optional
        The file, or a folder (a name without an ending). Default: beside the panel, under its name.
    tables : sequence of str, optional
        Statutory tables. Default: those of the forms that the panel's reports follow.
    lang : {"en", "zh"}
        Language of labels.

    Returns
    -------
    list of Path
        What was written: the table; for CSV and Parquet ``*_states``, a table of the same shape that says of every
        figure ``reported``, ``blank``, ``undecided`` or ``absent``; and ``*_variables.csv``, the label, code, unit and
        forms of every variable. A workbook has all of them, and the data statement, as sheets.

    Raises
    ------
    UnknownChoice
        If there is no such kind of file, table or language.
    MissingExtra
        If pyreadstat, or openpyxl, is not installed.
    BadPanel
        If the path holds no panel.

    Notes
    -----
    In Stata a blank cell is ``.a``, an undecided one ``.b``, an absent one ``.c``, each with a value label; `scope`,
    `tier`, `organ_kind`, `form` and `status` are numbers with value labels. Names have at most 32 characters and do not
    change between versions: ``req_``, ``rem_``, ``pro_`` and ``stat_``, the row, the column. Amounts are in the `unit`
    of the variables file. Several files of one report stay rows of their own: `kept` is 1 on the one that counts.
    Excel may take a `report_id` of digits for a number: import that column as text before joining on it.

    Examples
    --------
    >>> import giakit as gia
    >>> from giakit.share.export import export
    >>> panel = gia.build([gia.example()], "panel", jobs=1)
    >>> [path.name for path in export(panel, to="csv")]
    ['panel.csv', 'panel_states.csv', 'panel_variables.csv']
    """
    if to not in KINDS:
        raise UnknownChoice("to", to, KINDS)
    if lang not in LANGUAGES:
        raise UnknownChoice("lang", lang, LANGUAGES)
    if to in _NEEDS and find_spec(_NEEDS[to]) is None:
        raise MissingExtra(_NEEDS[to], "export")
    opened = opened_panel(panel)
    known = statutory_tables()
    for code in tables or ():
        if code not in known:
            raise UnknownChoice("tables", code, known)
    chosen = tables_held(opened) if tables is None else list(tables)
    target = _target(opened, to, out)
    book = variables(lang=lang, chosen=chosen)
    writers: dict[str, Callable[[Iterator[Piece], pd.DataFrame, Path], list[Path]]] = {
        "dta": lambda parts, names, path: _stata(parts, names, path, lang),
        "csv": _csv,
        "parquet": _parquet,
        "xlsx": lambda parts, names, path: _workbook(parts, names, path, statement(opened)),
    }
    written = writers[to](pieces(opened, chosen), book, target)
    if to == "xlsx":
        return written
    beside = _beside(target, "variables", "csv")
    book.to_csv(beside, index=False, encoding="utf-8-sig", lineterminator="\n")
    return [*written, beside]


def opened_panel(panel: Panel | str | os.PathLike[str]) -> Panel:
    """A panel, or the panel at a path."""
    from giakit.panel.panel import Panel, open_panel

    return panel if isinstance(panel, Panel) else open_panel(panel)


def _target(panel: Panel, to: str, out: str | os.PathLike[str] | None) -> Path:
    name = f"{panel.home.resolve().name}.{to}"
    if out is None:
        return panel.home.resolve().parent / name
    path = Path(out)
    if path.is_dir() or not path.suffix:
        path = path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _beside(target: Path, what: str, ending: str) -> Path:
    return target.with_name(f"{target.stem}_{what}.{ending}")


def _figures(piece: Piece, book: pd.DataFrame) -> pd.DataFrame:
    names = book.loc[book["table"].notna(), "name"].tolist()
    values = pd.DataFrame(piece.values, columns=names).astype("Float64")
    return pd.concat([piece.about, values], axis=1)


def _states(piece: Piece, book: pd.DataFrame) -> pd.DataFrame:
    names = book.loc[book["table"].notna(), "name"].tolist()
    words = pd.DataFrame(np.array(STATES, dtype=object)[piece.states], columns=names).astype("str")
    return pd.concat([piece.about[["report_id"]], words], axis=1)


def _empty(book: pd.DataFrame) -> Piece:
    """A piece without reports: a panel without them still has columns."""
    about = book[book["table"].isna()]
    frame = pd.DataFrame(
        {
            name: pd.Series(dtype="Int64" if kind == "integer" else "str")
            for name, kind in zip(about["name"], about["type"], strict=True)
        }
    )
    shape = (0, len(book) - len(about))
    return Piece(frame, np.zeros(shape), np.zeros(shape, dtype=np.int8))


def _csv(parts: Iterator[Piece], book: pd.DataFrame, path: Path) -> list[Path]:
    states = _beside(path, "states", "csv")
    with (
        path.open("w", encoding="utf-8-sig", newline="") as figures_file,
        states.open("w", encoding="utf-8-sig", newline="") as states_file,
    ):
        for piece, head in _with_head(parts, book):
            inert_frame(_figures(piece, book)).to_csv(
                figures_file, index=False, header=head, float_format="%.15g", lineterminator="\n"
            )
            _states(piece, book).to_csv(states_file, index=False, header=head, lineterminator="\n")
    return [path, states]


def _with_head(parts: Iterator[Piece], book: pd.DataFrame) -> Iterator[tuple[Piece, bool]]:
    yield _empty(book), True
    for piece in parts:
        yield piece, False


def _workbook(parts: Iterator[Piece], book: pd.DataFrame, path: Path, said: str) -> list[Path]:
    """Sheets written row by row: a large panel does not stand in memory twice."""
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    def add(sheet: Any, frame: pd.DataFrame, head: bool = True) -> None:
        plain = inert_frame(frame).astype(object)
        rows = plain.where(plain.notna(), None).itertuples(index=False, name=None)
        for row in [*([tuple(frame.columns)] if head else ()), *rows]:
            sheet.append([ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value for value in row])

    workbook = Workbook(write_only=True)
    values, states = workbook.create_sheet("values"), workbook.create_sheet("states")
    for piece, head in _with_head(parts, book):
        add(values, _figures(piece, book), head)
        add(states, _states(piece, book), head)
    add(workbook.create_sheet("labels"), book)
    add(workbook.create_sheet("statement"), pd.DataFrame({"data statement": said.split(". ")}))
    workbook.save(path)
    return [path]


def _parquet(parts: Iterator[Piece], book: pd.DataFrame, path: Path) -> list[Path]:
    labels = dict(zip(book["name"], book["gloss"], strict=True))
    states = _beside(path, "states", "parquet")
    empty = _empty(book)
    figures_schema, states_schema = (_labelled(make(empty, book), labels) for make in (_figures, _states))
    with (
        pq.ParquetWriter(path, figures_schema, compression="zstd") as figures_file,
        pq.ParquetWriter(states, states_schema, compression="zstd") as states_file,
    ):
        for piece in parts:
            figures_file.write_table(
                pa.Table.from_pandas(_figures(piece, book), schema=figures_schema, preserve_index=False)
            )
            states_file.write_table(
                pa.Table.from_pandas(_states(piece, book), schema=states_schema, preserve_index=False)
            )
    return [path, states]


_ARROW = {"Int64": pa.int64(), "Float64": pa.float64()}


def _labelled(frame: pd.DataFrame, labels: dict[str, str]) -> pa.Schema:
    """The columns of a frame, each with its label as metadata."""
    return pa.schema(
        [
            pa.field(name, _ARROW.get(str(frame[name].dtype), pa.string()), metadata={"label": labels[name]})
            for name in frame.columns
        ]
    )


def _stata(parts: Iterator[Piece], book: pd.DataFrame, path: Path, lang: str) -> list[Path]:
    import pyreadstat

    held = list(parts) or [_empty(book)]
    about = pd.concat([piece.about for piece in held], ignore_index=True)
    names = book.loc[book["table"].notna(), "name"].tolist()
    mixed = _lettered(np.vstack([piece.values for piece in held]), np.vstack([piece.states for piece in held]))
    cells = pd.DataFrame({name: _typed(mixed[:, number]) for number, name in enumerate(names)})
    kinds = dict(zip(book["name"], book["type"], strict=True))
    coded = {name: kinds[name] for name in about.columns if kinds[name] in code_lists()}
    frame = pd.concat(
        [
            about.assign(
                **{name: about[name].map(code_numbers(kind)).astype("Float64") for name, kind in coded.items()}
            ),
            cells,
        ],
        axis=1,
    )
    letters = {letter: state for state, letter in rules()["missing"].items()}
    labels: dict[str, Any] = {name: code_labels(kind, lang) for name, kind in coded.items()} | dict.fromkeys(
        names, letters
    )
    pyreadstat.write_dta(
        frame,
        str(path),
        file_label=_STATA_TITLE,
        column_labels=dict(zip(book["name"], book["label"], strict=True)),
        missing_user_values={name: list(letters) for name in names},
        variable_value_labels=labels,
    )
    return [path]


def _typed(column: np.ndarray) -> pd.Categorical:  # type: ignore[type-arg]
    """A column of figures and letters whose type does not rest on what its first rows hold, which pyreadstat looks at."""
    letters = set(rules()["missing"].values())
    figures = sorted({value for value in column.tolist() if value not in letters and value == value})
    return pd.Categorical(column, categories=pd.Index([*figures, *sorted(letters)], dtype=object))


def _lettered(values: np.ndarray, states: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    """Figures, and where there is none the letter of its state."""
    mixed = values.astype(object)
    for state, letter in rules()["missing"].items():
        mixed[states == STATES.index(state)] = letter
    return mixed
