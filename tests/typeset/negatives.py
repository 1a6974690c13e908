"""Documents that are no annual report on disclosure, in words of our own."""

from __future__ import annotations

import json
import random
import struct
import zlib
from collections.abc import Callable
from typing import Any

from giakit.errors import UnknownChoice

_MAKERS: dict[str, tuple[str, str, Callable[[random.Random], bytes]]] = {}


def _maker(
    description: str, extension: str
) -> Callable[[Callable[[random.Random], bytes]], Callable[[random.Random], bytes]]:
    def register(function: Callable[[random.Random], bytes]) -> Callable[[random.Random], bytes]:
        _MAKERS[function.__name__] = (description, extension, function)
        return function

    return register


def negatives() -> dict[str, str]:
    """Kinds of documents that are no report, with one line on each.

    >>> "news_page" in negatives()
    True
    """
    return {name: description for name, (description, _, _) in _MAKERS.items()}


def negative(kind: str, *, seed: int | str = 0) -> tuple[bytes, str, dict[str, Any]]:
    """A document that is no report: its bytes, a name, and its truth.

    Raises
    ------
    UnknownChoice
        If the kind is not known.

    Examples
    --------
    >>> data, name, truth = negative("empty_file")
    >>> data, name, truth["expect"]
    (b'', 'negative_empty_file.html', 'error')
    """
    if kind not in _MAKERS:
        raise UnknownChoice("negative", kind, sorted(_MAKERS))
    _, extension, make = _MAKERS[kind]
    name = f"negative_{kind}{extension}"
    truth: dict[str, Any] = {
        "file": name,
        "unit": None,
        "year": None,
        "form": None,
        "kind": "negative",
        "expect": "error",
        "quirk": kind,
        "cells": {},
    }
    return make(random.Random(f"{kind}:{seed}")), name, truth


def _page(title: str, body: str) -> bytes:
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title></head><body>{body}</body></html>'.encode()


@_maker("a news item on disclosure work", ".html")
def news_page(draw: random.Random) -> bytes:
    body = "".join(
        f"<p>{text}</p>"
        for text in (
            "某县召开政府信息公开工作会议。",
            f"会议听取了各单位的汇报，全县有{draw.randint(10, 60)}个单位参加。",
            "会议要求各单位做好年度报告的编制工作。",
        )
    )
    return _page("某县召开政府信息公开工作会议", f"<h1>某县召开政府信息公开工作会议</h1>{body}")


@_maker("a login page", ".html")
def login_page(draw: random.Random) -> bytes:
    return _page(
        "登录",
        '<form><label>用户名</label><input name="u"><label>密码</label><input type="password"><button>登录</button></form>',
    )


@_maker("the error page of a server", ".html")
def error_page(draw: random.Random) -> bytes:
    return _page("404 Not Found", "<center><h1>404 Not Found</h1><p>您访问的页面不存在或已删除</p></center>")


@_maker("a page that asks for a click before it lets anyone in", ".html")
def challenge_page(draw: random.Random) -> bytes:
    return _page(
        "安全验证",
        f"<p>正在进行安全验证，请稍候…</p><script>var k='{draw.randrange(1 << 40):x}';setTimeout(function(){{location.reload()}},3000)</script>",
    )


@_maker("a list of links to annual reports", ".html")
def link_list(draw: random.Random) -> bytes:
    links = "".join(
        f'<li><a href="/{y}.html">某县人民政府{y}年政府信息公开工作年度报告</a> {y + 1}-01-{draw.randint(10, 30)}</li>'
        for y in range(2010, 2025)
    )
    return _page("政府信息公开年报", f"<h2>政府信息公开年报</h2><ul>{links}</ul>")


@_maker("a page with an unrelated table of numbers", ".html")
def unrelated_page(draw: random.Random) -> bytes:
    rows = "".join(
        f"<tr><td>{name}</td><td>{draw.randint(1, 900)}</td><td>{draw.randint(1, 900)}</td></tr>"
        for name in ("粮食产量", "肉类产量", "水产品产量", "总计")
    )
    return _page(
        "某县主要农产品产量",
        f"<h1>某县主要农产品产量</h1><table><tr><td>指标</td><td>本年</td><td>上年</td></tr>{rows}</table>",
    )


@_maker("a decision on one request for information", ".html")
def decision_letter(draw: random.Random) -> bytes:
    number = draw.randint(1, 60)
    body = f"<p>某公告〔2023〕{number}号</p><p>申请人：</p><p>本机关于2023年3月{draw.randint(1, 30)}日收到您提交的政府信息公开申请。经审查，您申请的信息属于本机关不掌握的政府信息，根据条例第三十六条第（四）项的规定，告知如下。</p>"
    return _page("政府信息公开申请答复书", f"<h1>政府信息公开申请答复书</h1>{body}")


@_maker("the guide on how to request information", ".html")
def request_guide(draw: random.Random) -> bytes:
    body = "<p>申请人可以是自然人、法人或其他组织。</p><p>处理结果包括予以公开、部分公开、不予公开、无法提供、不予处理。</p><table><tr><td>受理机构</td><td>办公室</td></tr><tr><td>办公时间</td><td>9:00-17:00</td></tr></table>"
    return _page("某局政府信息公开指南", f"<h1>某局政府信息公开指南</h1>{body}")


@_maker("the annual report of another kind of work", ".html")
def other_report(draw: random.Random) -> bytes:
    return _page(
        "某县2023年法治政府建设工作年度报告",
        f"<h1>某县2023年法治政府建设工作年度报告</h1><p>一、总体情况</p><p>全年办理行政复议案件{draw.randint(3, 90)}件，办结行政诉讼应诉案件{draw.randint(3, 90)}件。</p>",
    )


@_maker("a PNG that is called a page", ".html")
def png_named_html(draw: random.Random) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    pixels = zlib.compress(b"".join(b"\x00" + bytes(draw.randrange(256) for _ in range(16)) for _ in range(16)))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", pixels)
        + chunk(b"IEND", b"")
    )


@_maker("an empty file", ".html")
def empty_file(draw: random.Random) -> bytes:
    return b""


@_maker("binary rubbish", ".pdf")
def rubbish(draw: random.Random) -> bytes:
    return bytes(draw.randrange(256) for _ in range(4000))


@_maker("a PDF that breaks off", ".pdf")
def truncated_pdf(draw: random.Random) -> bytes:
    return b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Ki"


@_maker("a Word file that breaks off", ".docx")
def truncated_docx(draw: random.Random) -> bytes:
    return b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + bytes(draw.randrange(256) for _ in range(300))


@_maker("the answer of a server without content", ".json")
def empty_answer(draw: random.Random) -> bytes:
    return json.dumps({"code": 500, "msg": "系统繁忙", "data": None}, ensure_ascii=False).encode()
