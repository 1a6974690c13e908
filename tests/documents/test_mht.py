"""Saved web archives: encodings, order of the pages, damage."""

from __future__ import annotations

import base64
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giakit.documents.mht import html_from_mht, is_mht
from giakit.errors import GiakitError, UnreadableDocument

PAGE = "<html><head><title>年报</title></head><body><table><tr><td>一=1</td></tr></table></body></html>"


def part(content: bytes, *, location: str, charset: str = "utf-8", encoding: str = "8bit", extra: str = "") -> bytes:
    encoded = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring, "8bit": bytes, "binary": bytes}[
        encoding
    ](content)
    head = (
        f'Content-Type: text/html; charset="{charset}"\r\nContent-Transfer-Encoding: {encoding}\r\n'
        f"Content-Location: {location}\r\n{extra}\r\n"
    )
    return head.encode() + encoded


def archive(*parts: bytes, extra: str = "", related: str = "") -> bytes:
    subject = base64.b64encode("某年报".encode()).decode()
    head = (
        f"From: <Saved by Blink>\r\n{extra}Subject: =?utf-8?B?{subject}?=\r\n"
        "Date: Mon, 1 Jan 2024 00:00:00 -0000\r\n"
        f'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="B"{related}\r\n\r\n'
    )
    return head.encode() + b"".join(b"--B\r\n" + each + b"\r\n" for each in parts) + b"--B--\r\n"


@pytest.mark.parametrize("charset", ["utf-8", "gbk"])
@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "8bit"])
def test_encodings(charset: str, encoding: str) -> None:
    page = part(PAGE.encode(charset), location="http://a/b.html", charset=charset, encoding=encoding)
    data = archive(page)
    assert is_mht(data)
    html, metadata = html_from_mht(data, name="a.mht")
    assert html.strip() == PAGE
    assert metadata == {"subject": "某年报", "url": "http://a/b.html", "saved": "Mon, 1 Jan 2024 00:00:00 -0000"}


def test_root_first_then_its_frames_then_the_rest() -> None:
    root = b'<html><frameset><frame src="x.files/two.htm"><frame src="x.files/one.htm"></frameset></html>'
    data = archive(
        part(b"<html>other</html>", location="http://a/other.htm"),
        part(b"<html>one</html>", location="http://a/x.files/one.htm"),
        part(b"<html>two</html>", location="http://a/x.files/two.htm"),
        part(root, location="http://a/x.htm"),
        extra="Snapshot-Content-Location: http://a/x.htm\r\n",
    )
    assert html_from_mht(data, name="a.mht")[0].split() == [
        "<html>two</html>",
        "<html>one</html>",
        "<html>other</html>",
    ]


def test_root_by_start_id() -> None:
    data = archive(
        part(b"<html>1</html>", location="http://a/1", extra="Content-ID: <one>\r\n"),
        part(b"<html>2</html>", location="http://a/2", extra="Content-ID: <two>\r\n"),
        related='; start="<two>"',
    )
    html, metadata = html_from_mht(data, name="a.mht")
    assert html.split() == ["<html>2</html>", "<html>1</html>"]
    assert metadata["url"] == "http://a/2"


def test_a_single_page_and_a_mail_with_attachment() -> None:
    single = b"MIME-Version: 1.0\nContent-Type: text/html; charset=gb2312\n\n<p>1</p>"
    assert html_from_mht(single, name="a.mht")[0] == "<p>1</p>"
    attached = b'Content-Type: application/msword\r\nContent-Disposition: attachment; filename="a.doc"\r\n\r\nx'
    _, metadata = html_from_mht(archive(part(b"<html>1</html>", location=""), attached), name="a.eml")
    assert metadata["attachments"] == "a.doc"


def test_frames_named_by_id() -> None:
    root = b'<html><body>root<iframe src="cid:f2@x"></iframe><iframe src="cid:f1@x"></iframe></body></html>'
    data = archive(
        part(root, location="http://a/x.htm"),
        part(b"<html>one</html>", location="http://a/1", extra="Content-ID: <f1@x>\r\n"),
        part(b"<html>two</html>", location="http://a/2", extra="Content-ID: <f2@x>\r\n"),
    )
    assert html_from_mht(data, name="a.mht")[0].split()[-2:] == ["<html>two</html>", "<html>one</html>"]


def test_character_set_stated_only_by_the_archive() -> None:
    page = part("<p>政府資訊</p>".encode("big5"), location="http://a/1", charset="big5")
    assert html_from_mht(archive(page), name="a.mht")[0].strip() == "<p>政府資訊</p>"


def test_a_page_whose_type_the_server_did_not_know() -> None:
    page = b"Content-Type: application/octet-stream\r\n\r\n<!DOCTYPE html><p>1</p>"
    assert html_from_mht(archive(page), name="a.mht")[0].strip() == "<!DOCTYPE html><p>1</p>"


def test_cut_off_in_the_middle() -> None:
    data = archive(part(PAGE.encode(), location="http://a/b.html", encoding="base64"))
    assert html_from_mht(data[:-60], name="a.mht")[0].startswith("<html><head>")


def test_without_html() -> None:
    with pytest.raises(UnreadableDocument, match="without an HTML page"):
        html_from_mht(archive(b"Content-Type: image/png\r\n\r\nx"), name="a.mht")


@pytest.mark.parametrize("data", [b"<html>", b"%PDF-1.4", b"", b"plain text: yes\n\nmore", "说明：\n".encode()])
def test_other_files_are_no_archives(data: bytes) -> None:
    assert not is_mht(data)


@given(st.binary(max_size=400), st.integers(0, 300))
def test_only_our_errors_leave(noise: bytes, position: int) -> None:
    data = archive(part(PAGE.encode(), location="http://a/b.html", encoding="base64"))
    for broken in (noise, data[:position] + noise + data[position:]):
        result: object
        try:
            result = html_from_mht(broken, name="a.mht")
        except GiakitError as error:
            result = error
        assert not isinstance(result, GiakitError) or "a.mht" in str(result)
