"""What a build is asked to read: the files of a source in a fixed order, and what it passes over."""

from __future__ import annotations

import glob
import os
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from giakit.errors import UnreadableDocument

_PARTS_OF_DOCUMENTS = {"[Content_Types].xml", "mimetype", "content.xml", "OFD.xml"}
_MOST_UNPACKED = 200
Source: TypeAlias = "str | os.PathLike[str] | Iterable[str | os.PathLike[str]]"

SOURCES = "sources.csv"
_EVIDENCE = (SOURCES.encode(), b"corrections.csv")
_SAVED_PAGE = ("_files", ".files")
_PAGES = (".html", ".htm", ".mht", ".mhtml", ".shtml", ".xhtml", ".php", ".aspx", ".jsp")


@dataclass(slots=True)
class Listing:
    """The files of a source below the folder `root`, sorted; those passed over with the reason; those that a sources.csv
    names and that are not there.
    """

    root: str
    files: list[bytes] = field(default_factory=list)
    passed_over: list[tuple[bytes, str]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def path(self, name: bytes) -> bytes:
        """The full path of a name."""
        return os.path.join(os.fsencode(self.root), name)


def path_text(name: bytes) -> str:
    """A path as text; bytes that are no text are written out.

    >>> path_text("2023_某局.html".encode()), path_text(b"a\\xff.txt")
    ('2023_某局.html', 'a\\\\xff.txt')
    """
    return name.replace(os.sep.encode(), b"/").decode("utf-8", "backslashreplace")


def list_source(source: Source, *, besides: Sequence[str] = ()) -> Listing:
    """List what a folder, a glob or a list of paths holds.

    Parameters
    ----------
    source : path, glob or iterable of paths
        Folders are read with all that is below them. A link to a folder is passed over: it could lead in circles.
    besides : sequence of str
        Folders that are never read, such as the panel itself.

    Raises
    ------
    UnreadableDocument
        If nothing of that name exists.
    """
    single = os.fspath(source) if isinstance(source, str | os.PathLike) else None
    given = [os.fspath(path) for path in source] if not isinstance(source, str | os.PathLike) else [os.fspath(source)]
    if single is not None and not os.path.lexists(single) and glob.has_magic(single):
        given = sorted(glob.glob(single, recursive=True))
    if not given or (len(given) == 1 and not os.path.lexists(given[0])):
        raise UnreadableDocument(single or "".join(given) or str(source), "there is no such file or folder")
    paths = [os.path.abspath(path) for path in given]
    alone = len(paths) == 1 and os.path.isdir(paths[0])
    listing = Listing(paths[0] if alone else os.path.commonpath([os.path.dirname(path) for path in paths]))
    avoided = {os.path.realpath(path) for path in besides}
    start = os.fsencode(listing.root)
    every = {os.path.relpath(full, start): why for path in paths for full, why in _walk(os.fsencode(path), avoided)}
    listing.files = sorted(name for name, reason in every.items() if not reason)
    listing.passed_over = sorted((name, reason) for name, reason in every.items() if reason)
    return listing


def unpacked(source: Source, folder: Path) -> Source:
    """A zip of reports is unpacked into a folder and read as that folder; any other source stays what it is.

    Raises
    ------
    UnreadableDocument
        If the zip is damaged or encrypted, leads out of the folder, or unpacks to far more than a zip of its size does.
    """
    if not isinstance(source, str | os.PathLike) or not os.path.isfile(source) or not zipfile.is_zipfile(source):
        return source
    try:
        with zipfile.ZipFile(source) as package:
            parts = [part for part in package.infolist() if not part.is_dir()]
            # Word, Excel, OpenDocument and OFD files are zips as well.
            if _PARTS_OF_DOCUMENTS & {part.filename for part in parts}:
                return source
            if sum(part.file_size for part in parts) > _MOST_UNPACKED * os.path.getsize(source) + 10_000_000:
                raise UnreadableDocument(os.fspath(source), "it unpacks to far more than a zip of its size does")
            for part in parts:
                name = Path(member_name(part).replace("\\", "/"))
                target = folder / name
                if name.is_absolute() or ".." in name.parts:
                    raise UnreadableDocument(os.fspath(source), f"it names a file outside of itself: {name}")
                if part.flag_bits & 1:
                    raise UnreadableDocument(os.fspath(source), "it is encrypted; save it without a password")
                if not target.is_file() or target.stat().st_size != part.file_size:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(package.read(part))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise UnreadableDocument(os.fspath(source), f"the zip is damaged: {error}") from None
    return folder


def member_name(part: zipfile.ZipInfo) -> str:
    """The name of a file in a zip: Chinese Windows writes GBK without saying so."""
    try:
        return part.filename if part.flag_bits & 0x800 else part.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return part.filename


def _walk(path: bytes, avoided: set[str]) -> Iterator[tuple[bytes, str]]:
    """Files below a path with "", and what is passed over with the reason."""
    if not os.path.isdir(path):
        yield path, _reason(path)
        return
    if os.path.realpath(os.fsdecode(path)) in avoided:
        yield path, "the panel itself"
        return
    try:
        with os.scandir(path) as entries:
            inside = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        yield path, f"the folder cannot be listed: {error.strerror}"
        return
    names = {entry.name for entry in inside}
    for entry in inside:
        try:
            is_folder = entry.is_dir(follow_symlinks=False)
            is_linked_folder = not is_folder and entry.is_symlink() and entry.is_dir()
        except OSError:
            is_folder = is_linked_folder = False
        if is_linked_folder:
            yield entry.path, "a link to a folder"
        elif is_folder and _is_saved(entry.name, names):
            yield entry.path, "the pictures and scripts of a saved page"
        elif is_folder:
            yield from _walk(entry.path, avoided)
        else:
            yield entry.path, _reason(entry.path)


def _is_saved(folder: bytes, names: set[bytes]) -> bool:
    """Whether the folder belongs to a page saved beside it."""
    text = os.fsdecode(folder)
    stem = next((text[: -len(ending)] for ending in _SAVED_PAGE if text.endswith(ending)), None)
    return bool(stem) and any(os.fsencode(f"{stem}{ending}") in names for ending in _PAGES)


def _reason(path: bytes) -> str:
    """Why a file that is there is not read as a report; "" if it is."""
    name = os.path.basename(path)
    if name in _EVIDENCE:
        return "evidence, not a report"
    if name.startswith(b".") or name in (b"Thumbs.db", b"desktop.ini"):
        return "a hidden file"
    if name.startswith(b"~$"):
        return "a lock file of an office program"
    try:
        return "" if stat.S_ISREG(os.stat(path).st_mode) else "no regular file"
    except OSError:
        return ""


def sources_files(listing: Listing) -> list[Path]:
    """The `sources.csv` of a source, those of outer folders first."""
    inside = [
        Path(os.fsdecode(listing.path(name)))
        for name, _ in listing.passed_over
        if os.path.basename(name) == SOURCES.encode()
    ]
    root = Path(listing.root)
    # A collection keeps the evidence on its folder of files beside that folder.
    beside = [root / SOURCES, *([root.parent / SOURCES] if (root.parent / "ledger.sqlite").is_file() else [])]
    every = {*inside, *(path for path in beside if path.is_file())}
    return sorted(every, key=lambda path: (len(path.parts), str(path)))
