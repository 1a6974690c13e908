"""The deposit of a panel: one archive with all that a repository needs, and nothing of the machine it was made on."""

from __future__ import annotations

import io
import os
import re
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from giakit.data import written_table
from giakit.forms.codebook import codebook
from giakit.panel.corrections import CORRECTIONS, LEDGER_COLUMNS, NOTES
from giakit.panel.datapackage import Json, as_text, described, package, resource, texts
from giakit.panel.schema import DEPOSITED, MANIFEST, WIDE, read_files, schema, write_file, write_index
from giakit.panel.verify import require_sound_panel
from giakit.share.cite import citation, files_digest, statement
from giakit.share.export import opened_panel
from giakit.share.frame import PIECE, inert_frame

if TYPE_CHECKING:
    from giakit.panel.panel import Panel

_WHEN = (1980, 1, 1, 0, 0, 0)
_WEB = ("http://", "https://", "ftp://")
_LOCAL = re.compile(
    r"(?:file:/{1,3}(?:[A-Za-z]:)?"
    r"|(?<![A-Za-z])[A-Za-z]:(?=[\\/](?![/]))"
    r"|\\\\(?=\w)"
    r"|(?<![\w/.:~)\]])~?/(?=[\w.\-]+/)"
    r"|(?<![\w/.:~)\]])/(?=(?:home|Users|root|tmp|mnt|Volumes)\b))"
    r"(?:[^\s\"'<>|，；;、,()（）\\/]*[\\/])*"
)
_WORDS = {
    "reports": ["place_why", "scope_why"],
    "manifest": ["reason"],
    "findings": ["message", "note"],
    "suggestions": ["why"],
    "corrections": list(LEDGER_COLUMNS),
}
"""Fields in which a path could stand among other words."""


def bundle(
    panel: Panel | str | os.PathLike[str], *, out: str | os.PathLike[str] | None = None, with_texts: bool = False
) -> Path:
    """Write the deposit of a panel.

    Parameters
    ----------
    panel : Panel or path
    out : path, optional
        The archive, or a folder. Default: beside the panel, under its name.
    with_texts : bool, default False
        Whether the words of the reports go with it: their chapters, and the sentences that state figures. Whether you may
        pass them on is yours to know.

    Returns
    -------
    Path
        A zip archive, the same bytes for the same panel: ``README.txt`` with the data statement, ``datapackage.json``,
        and as CSV in UTF-8 `reports` (with addresses), `manifest` (with hashes), `cells`, `stated`, `findings`,
        `suggestions`, the ledger of `corrections`, the `codebook`; and the panel itself, so that `giakit.open_panel`
        opens the archive. Files are named without their folders. What a spreadsheet program would take for a formula
        has an apostrophe before it in the CSV.

    Raises
    ------
    BadPanel
        If the path holds no panel, or one that is damaged.

    Examples
    --------
    >>> import zipfile, giakit as gia
    >>> panel = gia.build([gia.example()], "panel", jobs=1)
    >>> zipfile.ZipFile(bundle(panel)).namelist()[:3]
    ['reports.csv', 'manifest.csv', 'cells.csv']
    """
    opened = opened_panel(panel)
    require_sound_panel(opened)
    target = _target(opened, out)
    aside = target.with_name(f".{target.name}.tmp")
    try:
        with zipfile.ZipFile(aside, "w") as archive:
            _fill(_Deposit(archive), opened, with_texts)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)
    return target


def _target(panel: Panel, out: str | os.PathLike[str] | None) -> Path:
    name = f"{panel.home.resolve().name}.zip"
    path = panel.home.resolve().parent / name if out is None else Path(out)
    if path.is_dir():
        return path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


@dataclass(slots=True)
class _Deposit:
    """An archive that notes what is put into it."""

    archive: zipfile.ZipFile
    resources: list[Json] = field(default_factory=list)

    def text(self, name: str, text: str) -> None:
        """Put in a text."""
        with self.archive.open(_entry(name), "w", force_zip64=True) as file:
            file.write(text.encode())

    def file(self, name: str, path: Path) -> None:
        """Put in a file."""
        with self.archive.open(_entry(name), "w", force_zip64=True) as file, path.open("rb") as source:
            shutil.copyfileobj(source, file)

    def table(
        self, name: str, frames: Iterable[pd.DataFrame], fields: list[Json], title: str, key: Iterable[str] = ()
    ) -> None:
        """Put in a table, frame by frame, with its description, hash and size."""
        digest, size = sha256(), 0
        names = [entry["name"] for entry in fields]
        with self.archive.open(_entry(f"{name}.csv"), "w", force_zip64=True) as file:
            for frame in chain([pd.DataFrame(columns=names)], frames):
                data = _csv(frame[names], head=not size)
                digest.update(data)
                size += len(data)
                file.write(data)
        found = resource(name, f"{name}.csv", fields, title=title, format="csv", key=list(key))
        self.resources.append({**found, "bytes": size, "hash": f"sha256:{digest.hexdigest()}"})


def _entry(name: str) -> zipfile.ZipInfo:
    """An entry that says nothing of when and where it was written."""
    entry = zipfile.ZipInfo(name, _WHEN)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry


def _csv(frame: pd.DataFrame, *, head: bool) -> bytes:
    stream = io.StringIO()
    inert_frame(frame).to_csv(stream, index=False, header=head, float_format="%.15g", lineterminator="\n")
    return stream.getvalue().encode()


def _fill(deposit: _Deposit, panel: Panel, with_texts: bool) -> None:
    reports = _reports(panel)

    def add(table: str, frames: Iterable[pd.DataFrame], columns: Iterable[str] | None = None) -> None:
        names = list(schema(table).names) if columns is None else list(columns)
        fields = [entry for entry in described(table, names) if with_texts or entry["name"] != "text"]
        told = texts()["panel"][table]
        deposit.table(table, frames, fields, told["title"], told.get("key", ()))

    add("reports", [_portable(reports, "reports")], reports.columns)
    add("manifest", [_manifest(panel)])
    add("cells", _pieces(panel, "cells", reports, "as_read"), [*schema("cells").names, "as_read"])
    add("stated", _pieces(panel, "stated", reports))
    findings = _portable(_findings(panel), "findings")
    add("findings", [findings], findings.columns)
    add("suggestions", [_portable(panel.suggestions, "suggestions")])
    ledgers = {name: panel.path / name for name in (CORRECTIONS, NOTES) if (panel.path / name).is_file()}
    if CORRECTIONS in ledgers:
        entries = panel.corrections.drop(columns=["applied", "message"])
        add("corrections", [_portable(entries, "corrections")], entries.columns)
    if with_texts:
        add("texts", _pieces(panel, "texts", reports))
    book = codebook(by="cell")
    kinds = [{"name": name, "type": "integer" if name in ("since", "until") else "string"} for name in book.columns]
    deposit.table("codebook", [book], kinds, "Every cell of every form", ["table", "row", "column"])
    deposit.text("README.txt", _readme(panel, deposit.resources, with_texts))
    deposit.text("datapackage.json", as_text(package("giakit-deposit", deposit.resources)))
    with TemporaryDirectory(prefix="giakit-") as folder:
        _write_panel(panel, Path(folder), with_texts)
        for name, path in ledgers.items():
            (Path(folder) / name).write_bytes(without_folders_in_table(path))
        for path in sorted(path for path in Path(folder).rglob("*") if path.is_file()):
            deposit.file(f"{DEPOSITED}/{path.relative_to(folder).as_posix()}", path)


def _write_panel(panel: Panel, folder: Path, with_texts: bool) -> None:
    """The panel itself, which `giakit.open_panel` opens: as it was read, names of files without their folders."""
    spans = []
    for span in panel.index.spans:
        hashes = {}
        for table in span.hashes:
            target = span.file(folder, table)
            target.parent.mkdir(parents=True, exist_ok=True)
            if table in (*WIDE, "cells"):
                shutil.copyfile(span.file(panel.path, table), target)
                hashes[table] = span.hashes[table]
                continue
            held = read_files([span.file(panel.path, table)], schema(table))
            if table == "texts" and not with_texts:
                held = held.slice(0, 0)
            hashes[table] = write_file(target, [_without_folders(held, table, with_texts)], schema(table))
        spans.append(replace(span, hashes=hashes))
    manifest = pa.Table.from_pandas(_manifest(panel), schema=schema(MANIFEST), preserve_index=False)
    aside = folder / "manifest.tmp"
    hashed = write_file(aside, [manifest], schema(MANIFEST))
    index = replace(panel.index, spans=tuple(spans), manifest=hashed)
    index.manifest_file(folder).parent.mkdir()
    aside.rename(index.manifest_file(folder))
    write_index(folder, index)


def _without_folders(held: pa.Table, table: str, with_texts: bool) -> pa.Table:
    """A table on disk without what tells of a machine, and without the words of the reports unless they are asked for."""
    for number, column in enumerate(held.column_names):
        values = held.column(column).to_pylist() if held.schema.field(column).type == pa.string() else None
        if values is None:
            continue
        if (table, column) == ("reports", "source"):
            values = [_file_name(value) for value in values]
        elif column == "url":
            values = [value if value and value.lower().startswith(_WEB) else None for value in values]
        elif (table, column) == ("stated", "text") and not with_texts:
            values = [""] * len(values)
        elif column in ("reason", "place_why", "scope_why", "given", "message", "why"):
            values = [value and without_folders(value) for value in values]
        else:
            continue
        held = held.set_column(number, held.schema.field(column), pa.array(values, pa.string()))
    return held


def without_folders_in_table(path: Path) -> bytes:
    """A table that a person wrote, as CSV in UTF-8, files named without their folders."""
    names, rows = written_table(path)
    frame = pd.DataFrame(rows, columns=names, dtype="str")
    return frame.map(without_folders).to_csv(index=False, lineterminator="\n").encode()


def _pieces(panel: Panel, table: str, reports: pd.DataFrame, *extra: str) -> Iterator[pd.DataFrame]:
    """A long table, some reports at a time."""
    identities = reports["report_id"].tolist()
    for start in range(0, len(identities), PIECE):
        frame = panel.select(table, identities[start : start + PIECE])
        yield frame.reindex(columns=[*frame.columns, *(name for name in extra if name not in frame)])


def _reports(panel: Panel) -> pd.DataFrame:
    frame = panel.reports.sort_values("report_id", ignore_index=True)
    frame = frame.assign(
        source=frame["source"].map(_file_name), url=frame["url"].where(frame["url"].str.lower().str.startswith(_WEB))
    )
    return frame if "corrected" in frame else frame.assign(corrected=pd.Series(pd.NA, index=frame.index, dtype="str"))


def _manifest(panel: Panel) -> pd.DataFrame:
    frame = panel.manifest
    duplicate = frame["status"] == "duplicate_of"
    plain = _portable(frame, "manifest")
    original = frame["duplicate_of"].map(_file_name, na_action="ignore")
    return plain.assign(
        path=frame["path"].map(_file_name), duplicate_of=original, reason=plain["reason"].where(~duplicate, original)
    )


def _findings(panel: Panel) -> pd.DataFrame:
    """Findings, with files named without their folders."""
    frame = panel.findings
    versions = panel.unit_years().set_index("report_id")["report_ids"].to_dict()
    sources = panel.reports.set_index("report_id")["source"].to_dict()
    messages = [
        _with_names(message, [sources[other] for other in versions[identity].split(",")])
        if check == "versions"
        else message
        for check, identity, message in frame[["check", "report_id", "message"]].itertuples(index=False)
    ]
    return frame.assign(message=pd.Series(messages, index=frame.index, dtype="str"))


def _with_names(message: str, sources: list[str]) -> str:
    """A message with names of files in place of their paths, the longest first: one path may begin another."""
    for source in sorted(sources, key=len, reverse=True):
        message = message.replace(source, _file_name(source))
    return message


def _file_name(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def _portable(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """The frame with paths of a machine cut down to the name of the file."""
    found = {name: frame[name].map(without_folders, na_action="ignore") for name in _WORDS[table] if name in frame}
    return frame.assign(**found)


def without_folders(text: str) -> str:
    """A text in which files of a machine are named without their folders; addresses of the web stay.

    >>> without_folders("compare C:\\\\scans\\\\年报.png and /home/me/a.pdf with https://www.a.cn/home/x/1.html")
    'compare 年报.png and a.pdf with https://www.a.cn/home/x/1.html'
    """
    return _LOCAL.sub("", text)


def _readme(panel: Panel, resources: list[Json], with_texts: bool) -> str:
    listed = "\n".join(f"  {entry['path']:<18} {entry['title']}" for entry in resources)
    words = "The words of the reports are included." if with_texts else "The words of the reports are not included."
    return f"""Annual reports on government information disclosure in China, as data

Data statement
  {statement(panel)}

Files
{listed}
  datapackage.json   Fields, types, units and code lists of all of them
  panel/             The same, as read, for programs: giakit.open_panel opens this archive, giakit verify compares it

{words} A missing figure is no zero: cells.csv says whether it is blank, undecided or absent. Figures stand as printed;
corrections by hand are marked. Amounts are in 10,000 yuan unless codebook.csv names another unit. The files that were
read are known by their SHA-256 in manifest.csv; the SHA-256 of these hashes, sorted, distinct, a line feed after each, is
{files_digest(panel)}.

Read with
  {citation()}
"""
