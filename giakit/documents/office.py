"""Old formats (.doc, .wps, .rtf, .odt) through LibreOffice, where it is installed."""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from giakit.documents.archive import is_ole, ole_kind
from giakit.documents.limits import DEFAULT_LIMITS, Limits, check_bytes
from giakit.documents.model import Document
from giakit.documents.word import read_docx
from giakit.errors import UnreadableDocument

_PROGRAMS = ("soffice", "libreoffice")
# Where its installers put it without telling the PATH: macOS, Windows.
_FOLDERS = (
    "/Applications/LibreOffice.app/Contents/MacOS",
    "~/Applications/LibreOffice.app/Contents/MacOS",
    "%ProgramFiles%/LibreOffice/program",
    "%ProgramFiles(x86)%/LibreOffice/program",
)
# Runs LibreOffice in a process group of its own, and ends it, and its folder, when whoever asked for it is gone.
_KEEPER = """
import os, shutil, signal, subprocess, sys, threading
def end():
    sys.stdin.buffer.read()
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    child.kill() if os.name == "nt" else os.killpg(0, signal.SIGKILL)
child = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL)
threading.Thread(target=end, daemon=True).start()
os._exit(child.wait())
"""
_TEXTS = {"word": "doc", "wps": "wps", "hwp": "hwp"}
_RTF = b"{\\rtf"
# A document must not fetch anything, run anything, or wait for an answer.
_SETTING = '<item oor:path="/org.openoffice.{}"><prop oor:name="{}" oor:op="fuse"><value>{}</value></prop></item>'
_SETTINGS = "\n".join(
    [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">',
        _SETTING.format("Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
        _SETTING.format("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
        _SETTING.format("Office.Common/Security/Scripting", "DisableActiveContent", "true"),
        _SETTING.format("Inet/Settings", "ooInetProxyType", "2"),
        _SETTING.format("Inet/Settings", "ooInetHTTPProxyName", "127.0.0.1"),
        _SETTING.format("Inet/Settings", "ooInetHTTPProxyPort", "9"),
        "</oor:items>",
    ]
)


def libreoffice() -> str | None:
    """Path of the LibreOffice program: on the ``PATH``, or where Windows and macOS install it; None if there is none."""
    folders = [os.path.expanduser(os.path.expandvars(folder)) for folder in _FOLDERS]
    paths = [shutil.which(program, path=folder) for folder in (None, *folders) for program in _PROGRAMS]
    return next((path for path in paths if path), None)


def read_office(data: bytes, *, name: str, limits: Limits = DEFAULT_LIMITS) -> Document:
    """Read a text document of an old format (.doc, .wps, .hwp, .rtf, .odt) by converting it to .docx.

    The conversion runs in a process and a profile of its own, for at most ``limits.seconds``; `format` of the document is ``doc``,
    ``wps``, ``hwp``, ``rtf`` or ``odt``.

    Raises
    ------
    UnreadableDocument
        If LibreOffice is not installed, takes too long or cannot open the file, or if the file is encrypted.
    """
    check_bytes(name, len(data), limits)
    kind = _format(data, name)
    program = libreoffice()
    if program is None:
        reason = f"a file of the old format .{kind} is read through LibreOffice, which is not installed"
        raise UnreadableDocument(name, f"{reason}; install it, or save the file as .docx")
    converted = _convert(program, data, kind, name, limits)
    document = read_docx(converted, name=name, limits=limits)
    return dataclasses.replace(document, format=kind)


def _format(data: bytes, name: str) -> str:
    """Short name of the format, told from the bytes."""
    if is_ole(data):
        kind = ole_kind(data)
        if kind == "encrypted":
            raise UnreadableDocument(name, "encrypted: it opens only with its password")
        if kind == "damaged":
            raise UnreadableDocument(name, "an old Office file that is damaged or cut off")
        if kind not in _TEXTS:
            raise UnreadableDocument(name, f"an old Office file of a kind that holds no text ({kind})")
        return _TEXTS[kind]
    if data[:512].lstrip()[:5] == _RTF:
        return "rtf"
    if data[:2] == b"PK":
        return "odt"
    # LibreOffice would take anything else for a plain text.
    raise UnreadableDocument(name, "none of the old Office formats")


def _convert(program: str, data: bytes, kind: str, name: str, limits: Limits) -> bytes:
    with tempfile.TemporaryDirectory(prefix="giakit-", ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        source = root / f"document.{kind}"
        source.write_bytes(data)
        settings = root / "profile" / "user" / "registrymodifications.xcu"
        settings.parent.mkdir(parents=True)
        settings.write_text(_SETTINGS, encoding="utf-8")
        command = [
            *(program, "--headless", "--norestore", "--nolockcheck", "--nodefault", "--nologo"),
            f"-env:UserInstallation={(root / 'profile').as_uri()}",
            *("--convert-to", "docx:MS Word 2007 XML", "--outdir", str(root / "out"), str(source)),
        ]
        _run(command, root, name, limits)
        result = root / "out" / "document.docx"
        if not result.exists():
            raise UnreadableDocument(name, f"LibreOffice could not open this .{kind} file")
        return result.read_bytes()


def _run(command: list[str], folder: Path, name: str, limits: Limits) -> None:
    environment = {**os.environ, "HOME": str(folder), "http_proxy": "http://127.0.0.1:9"}
    environment["https_proxy"] = environment["http_proxy"]
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _KEEPER, str(folder), *command],
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(timeout=limits.seconds)
    except subprocess.TimeoutExpired:
        raise UnreadableDocument(name, f"LibreOffice took more than {limits.seconds:g} seconds") from None
    finally:
        if process.poll() is None and hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.wait()
        if process.stdin is not None:
            process.stdin.close()
