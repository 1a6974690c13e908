"""Every family of list pages, every trap: builders of sites for the test web."""

from __future__ import annotations

import gzip
import io
import json
import random
import zipfile
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from collect.web import Answer, Asked, Report, Site, html, link
from giakit import data
from typeset import random_figures, typeset


def divisions() -> tuple[dict[str, str], ...]:
    """The divisions that are known."""
    return data.rows("places", "divisions.csv")


PLACES = tuple(
    row["name"]
    for row in divisions()
    if row["level"] == "county" and row["code"][:2] in ("32", "33", "37") and not row["until"]
)
ORGANS = (
    "科学技术局",
    "生态环境局",
    "文化和旅游局",
    "卫生健康委员会",
    "应急管理局",
    "市场监督管理局",
    "信访局",
    "体育局",
    "教育局",
    "财政局",
    "民政局",
    "司法局",
    "水利局",
    "审计局",
    "统计局",
    "商务局",
    "林业局",
    "医疗保障局",
    "交通运输局",
    "农业农村局",
)


@cache
def document(unit: str, year: int, format: str, seed: int) -> bytes:
    """A typeset report."""
    if format != "html":
        return typeset(random_figures(seed), unit=unit, year=year, format=format, seed=seed).data
    # Typesetting takes longer than all the rest: one page serves many agencies.
    return (
        _page(seed % 5)
        .replace("某某县某某局".encode(), unit.encode())
        .replace(b"2055", str(year).encode())
        .replace(b"2056", str(year + 1).encode())
    )


@cache
def _page(seed: int) -> bytes:
    return typeset(random_figures(seed), unit="某某县某某局", year=2055, seed=seed).data


def make_reports(
    number: int, count: int, *, format: str = "html", years: Sequence[int] = (2021, 2022, 2023)
) -> list[Report]:
    """Reports of agencies of one place, a different place for each number."""
    place = PLACES[number % len(PLACES)]
    made = []
    for position in range(count):
        unit = f"{place}{ORGANS[position // len(years) % len(ORGANS)]}"
        year = years[position % len(years)]
        ending = {"html": "html", "docx": "docx", "xls": "xls", "pdf": "pdf"}[format]
        made.append(Report(unit, year, document(unit, year, format, number * 1000 + position), ending))
    return made


def title(report: Report) -> str:
    """The title of a report."""
    return f"{report.unit}{report.year}年政府信息公开工作年度报告"


def articles(site: Site, reports: list[Report], folder: str = "/art/") -> list[str]:
    """Put the reports on the site as articles; the lines of a list of them, decoys among them."""
    lines = []
    for position, report in enumerate(reports):
        report.path = f"{folder}{report.year + 1}/1/20/art_77_{1000 + position}.html"
        site.page(report.path, report.data)
        lines.append(link(report.path, title(report)))
    site.reports += reports
    return lines


DECOYS = (
    "某县财政年报",
    "某县2023年企业年报公示",
    "一图读懂2023年政府信息公开工作年度报告",
    "某县2023年部门决算",
    "关于做好2023年政府信息公开工作年度报告编制工作的通知",
)


def decoys(site: Site, number: int) -> list[str]:
    """Articles that look like reports from afar."""
    lines = []
    for position, text in enumerate(DECOYS):
        path = f"/art/2024/2/1/art_77_{9000 + position}.html"
        site.page(
            path, html(f"<h1>{text}</h1><p>{'全年收入支出情况如下，同比增长。' * 30}</p><p>信息公开 {number}</p>", text)
        )
        lines.append(link(path, text))
    return lines


def cut(lines: list[str], size: int) -> list[list[str]]:
    """Lines in pages."""
    return [lines[start : start + size] for start in range(0, len(lines), size)]


def _list(lines: Sequence[str], more: str = "", name: str = "政府信息公开年报") -> str:
    return html(f"<h2>{name}</h2><ul>{''.join(lines)}</ul>{more}", name)


def trs(site: Site, lines: list[str], base: int, beyond: int = 0, size: int = 5) -> None:
    """Pages by createPageHTML, counted from 0 or from 1; more may be declared than there are."""
    pages = cut(lines, size)
    total = len(pages) + beyond
    for number, part in enumerate(pages):
        call = (
            f"createPageHTML({total}, {number}, 'index', 'html');"
            if base == 0
            else f"createPageHTML('paging', {total}, {number + 1}, 'index', 'html', 8);"
        )
        path = "/zwgk/gknb/" if not number else f"/zwgk/gknb/index_{number + base}.html"
        site.page(path, _list(part, f"<script>{call}</script>"))
    site.entry = "/zwgk/gknb/"


def set_page(site: Site, lines: list[str], size: int = 5) -> None:
    """The pager of Hunan and Shanghai."""
    pages = cut(lines, size)
    for number, part in enumerate(pages, 1):
        path = "/xxgk/nb/index.html" if number == 1 else f"/xxgk/nb/index_{number}.html"
        site.page(path, _list(part, f"<script>$('.p').pagination(\"setPage\", {number}, {len(pages)});</script>"))
    site.entry = "/xxgk/nb/index.html"


def jpage(site: Site, lines: list[str], *, by_page: bool = True, largest: int = 30) -> None:
    """Hanweb's jpage: records in the page, the rest behind dataproxy.jsp; the server may know pages only, or records only."""
    page = f"""<div id="31591"></div><script type="text/xml"><datastore><nextgroup><![CDATA[<a href="/module/web/jpage/dataproxy.jsp?page=1&webid=1&path=/&columnid=77&unitid=31591&webname='某县'&permissiontype=0"></a>]]></nextgroup>
    <recordset>{"".join(f"<record><![CDATA[{line}]]></record>" for line in lines[:3])}</recordset></datastore></script>
    <script>$('#31591').jpage({{totalRecord:{len(lines)}, perPage:15, proxyUrl:'/module/web/jpage/dataproxy.jsp'}})</script>"""
    site.page("/col/col77/index.html", html(page, "信息公开年报"))

    def proxy(asked: Asked) -> Answer:
        given = {**asked.query, **asked.form}
        if given.get("unitid") != "31591" or given.get("columnid") != "77":
            return Answer(b"<datastore></datastore>", type="text/xml")
        size = min(int(given.get("perpage") or 15), largest)
        start = (int(given["page"]) - 1) * size if by_page else int(given["startrecord"]) - 1
        part = lines[start : start + size]
        records = "".join(f"<record><![CDATA[{line}]]></record>" for line in part)
        body = f"<datastore><totalrecord>{len(lines)}</totalrecord><totalpage>{-(-len(lines) // size)}</totalpage><recordset>{records}</recordset></datastore>"
        return Answer(body.encode(), type="text/xml;charset=UTF-8")

    site.routes["/module/web/jpage/dataproxy.jsp"] = proxy
    site.entry = "/col/col77/index.html"


def jpaas(site: Site, lines: list[str]) -> None:
    """Hanweb's JPaaS: a unit that answers JSON; a bare pageNo is ignored."""
    query = (
        "{'parseType':'bulidstatic','webId':'3','tplSetId':'Ab','pageType':'column','tagId':'信息列表','pageId':'77'}"
    )
    site.page(
        "/col/col77/index.html",
        html(
            f'<script src="/AuthorizedRead/unitbuild.js" url="/api-gateway/jpaas-publish-server/front/page/build/unit" queryData="{query}"></script>',
            "政府信息公开年报",
        ),
    )

    def unit(asked: Asked) -> Answer:
        number = (
            json.loads(asked.query.get("paramJson") or '{"pageNo":1}')["pageNo"]
            if asked.query.get("webId") == "3"
            else 99
        )
        part = cut(lines, 15)[number - 1 : number]
        return Answer(
            json.dumps({"success": True, "data": {"html": f"<ul>{''.join(part[0]) if part else ''}</ul>"}}).encode(),
            type="application/json",
        )

    site.routes["/api-gateway/jpaas-publish-server/front/page/build/unit"] = unit
    site.entry = "/col/col77/index.html"


def xxgk(site: Site, lines: list[str]) -> None:
    """Hanweb's xxgk: a search that returns the whole district."""
    site.page(
        "/col/col77/index.html",
        html('<iframe src="/module/xxgk/tree.jsp?area=11330800A"></iframe><div id="div1"></div>', "政府信息公开年报"),
    )
    site.page("/module/xxgk/tree.jsp", "<ul></ul>")
    others = [link(f"/art/2024/3/1/art_88_{number}.html", f"关于{number}号文件的公告") for number in range(20)]
    mixed = [line for pair in zip(others, [*lines, *[""] * 20], strict=False) for line in pair] + lines[20:]

    def search(asked: Asked) -> Answer:
        number = int({**asked.query, **asked.form}.get("currpage") or 1)
        part = cut([line for line in mixed if line], 15)[number - 1 : number] if asked.method == "POST" else []
        return Answer(f"<ul>{''.join(part[0]) if part else ''}</ul>".encode())

    site.routes["/module/xxgk/search.jsp"] = search
    site.entry = "/col/col77/index.html"


def truecms(site: Site, lines: list[str], window: int = 20) -> None:
    """truecms: JSONP around XML, a window of its own, 404 without a Referer."""
    site.page(
        "/gknb/index.html",
        html(
            "<script>var page = {columnId:'4028a1',proxyUrl:'/messageController/getMessage.do'}</script>",
            "政府信息公开年报",
        ),
    )

    def message(asked: Asked) -> Answer:
        given = asked.query
        if "referer" not in asked.headers or int(given["perpage"]) > window:
            return Answer(b"", 404)
        part = lines[int(given["startrecord"]) - 1 : int(given["endrecord"])]
        records = "".join(f"<record><![CDATA[{line}]]></record>" for line in part)
        return Answer(
            f"{given['callback']}({json.dumps({'result': f'<recordset>{records}</recordset>', 'total': len(lines)})});".encode(),
            type="text/javascript",
        )

    site.routes["/messageController/getMessage.do"] = message
    site.entry = "/gknb/index.html"


def _objects(lines: list[str]) -> list[dict[str, str]]:
    parts = [line.split('"') for line in lines]
    return [{"url": part[1], "title": part[3]} for part in parts]


def epoint(site: Site, lines: list[str]) -> None:
    """Epoint: JSON in, JSON out; the site's id stands in a script."""
    site.page(
        "/govInfoPub/list.html",
        html('<script src="/js/webBuilderCommon.js"></script><div class="EWB-FRONT"></div>', "信息公开年报"),
    )
    site.page(
        "/js/webBuilderCommon.js",
        'var siteInfo = {"siteGuid":"7eb5-f7f1","projectName":"/EpointWebBuilder"};',
        type="text/javascript",
    )

    def listed(asked: Asked) -> Answer:
        data = asked.data or {}
        if asked.method != "POST" or data.get("siteGuid") != "7eb5-f7f1" or data.get("categorynum") != "003001":
            return Answer(b"{}", 500)
        start = (int(data["pageIndex"]) - 1) * int(data["pageSize"])
        part = [
            {"infourl": entry["url"], "realtitle": entry["title"]}
            for entry in _objects(lines)[start : start + int(data["pageSize"])]
        ]
        return Answer(json.dumps({"custom": {"data": part, "total": len(lines)}}).encode(), type="application/json")

    site.routes["/EpointWebBuilder/rest/lightfrontaction/getgovinfolist"] = listed
    site.entry = "/govInfoPub/list.html?categorynum=003001&deptcode=001"


def gkmlpt(site: Site, lines: list[str]) -> None:
    """Guangdong's platform."""
    tree = json.dumps(
        [{"id": 11, "name": "机构职能", "children": []}, {"id": 2629, "name": "政府信息公开年报", "children": []}],
        ensure_ascii=False,
    )
    site.page(
        "/gkmlpt/annualreport",
        html(f"<script>window._CONFIG = {{SID: '753001', TREE: {tree}}};</script>", "政府信息公开"),
    )

    def articles_of(asked: Asked) -> Answer:
        number = int(asked.query.get("page") or 1)
        part = _objects(lines)[(number - 1) * 10 : number * 10] if asked.query.get("sid") == "753001" else []
        return Answer(json.dumps({"articles": part, "total": len(lines)}).encode(), type="application/json")

    site.routes["/gkmlpt/api/all/2629"] = articles_of
    site.entry = "/gkmlpt/annualreport#2629"


def was5(site: Site, lines: list[str]) -> None:
    """TRS WAS5: a search by POST, answered in XML."""
    site.page(
        "/xxgk/nb.html",
        html(
            '<form action="/was5/web/search"><input name="channelid" value="123952"></form><script>var q = {channelid: "123952", url: "/was5/web/search"}</script>',
            "政府信息公开年报",
        ),
    )

    def search(asked: Asked) -> Answer:
        size = int(asked.form.get("prepage") or 10)
        start = (int(asked.form.get("page") or 1) - 1) * size
        part = _objects(lines)[start : start + size] if asked.form.get("channelid") == "123952" else []
        records = "".join(
            f"<REC><TITLE><![CDATA[{entry['title']}]]></TITLE><URL><![CDATA[{entry['url']}]]></URL></REC>"
            for entry in part
        )
        return Answer(
            f"<RESULT><RECORDCOUNT><![CDATA[{len(lines)}]]></RECORDCOUNT>{records}</RESULT>".encode(), type="text/xml"
        )

    site.routes["/was5/web/search"] = search
    site.entry = "/xxgk/nb.html"


def anhui(site: Site, lines: list[str]) -> None:
    """Anhui: several columns in one page."""
    half = len(lines) // 2
    columns = {"6001": cut(lines[:half], 5), "6002": cut(lines[half:], 5)}
    first = "".join(f"<div><ul>{''.join(pages[0])}</ul></div>" for pages in columns.values())
    calls = "".join(
        f"<script>Ls.pagination('/content/column/{name}?pageIndex=', {len(pages)})</script>"
        for name, pages in columns.items()
    )
    site.page("/public/gknb/index.html", _list([first], calls))

    def column(name: str) -> Callable[[Asked], Answer]:
        def answer(asked: Asked) -> Answer:
            part = columns[name][int(asked.query.get("pageIndex") or 1) - 1 :][:1]
            return Answer(_list(part[0] if part else []).encode())

        return answer

    for name in columns:
        site.routes[f"/content/column/{name}"] = column(name)
    site.entry = "/public/gknb/index.html"


def all_in_one(site: Site, lines: list[str]) -> None:
    """Everything in the page, cut by a script."""
    site.page(
        "/gknb/index.html",
        _list(
            lines[:5],
            f"<script>var dataList = {json.dumps(_objects(lines), ensure_ascii=False)}; var pagedContent = {{totalCount: {len(lines)}, perSize: 5}};</script>",
        ),
    )
    site.entry = "/gknb/index.html"


def plain(site: Site, lines: list[str], style: str = "query", size: int = 5) -> None:
    """Pages by links: ``?page=2``, ``/2.html``, ``list_2.jhtml``, ``.aspx?cid=1019&page=2``; the last leads to the first again."""
    spell = {
        "query": "/nb/list?page={}",
        "path": "/nb/list/{}.html",
        "jhtml": "/nb/list_{}.jhtml",
        "aspx": "/nb/list.aspx?cid=1019&page={}",
    }[style]
    pages = cut(lines, size)
    for number, part in enumerate(pages, 1):
        numbers = "".join(f'<a href="{spell.format(other)}">{other}</a> ' for other in range(1, len(pages) + 1))
        after = spell.format(number + 1 if number < len(pages) else 1)
        site.page(
            spell.format(number), _list(part, f'<div>共{len(pages)}页 {numbers}<a href="{after}">下一页</a></div>')
        )
    site.entry = spell.format(1)
    site.kind = "list"


def tree(site: Site, reports: list[Report]) -> None:
    """Home, disclosure page, year folders with opaque names, kinds of units, reports; shells and frames between."""
    site.page(
        "/",
        html('<a href="/zwgk/">政务公开</a><a href="/news/">要闻</a><a href="/zt/jieri/2024.html">节日专题2024年</a>'),
    )
    site.page("/zwgk/", '<html><script>location.replace("./xxgk/")</script></html>')
    site.page(
        "/zwgk/xxgk/",
        html('<a href="/zwgk/zfxxgknb/">政府信息公开年报</a><a href="/zwgk/cz/">财政年报</a>', "政务公开"),
    )
    site.page("/zwgk/zfxxgknb/", html('<iframe src="/zwgk/zfxxgknb/list.html"></iframe>', "政府信息公开年报"))
    years = sorted({report.year for report in reports})
    site.page(
        "/zwgk/zfxxgknb/list.html",
        html("".join(link(f"/zwgk/zfxxgknb/{year}n78/", f"{year}年") for year in years), "年报列表"),
    )
    for year in years:
        lines = []
        for position, report in enumerate(report for report in reports if report.year == year):
            report.path = f"/zwgk/zfxxgknb/{year}n78/t{year}{position:04d}_{7919 * (position + 1)}.html"
            site.page(report.path, report.data)
            lines.append(link(report.path, report.unit))
        site.page(f"/zwgk/zfxxgknb/{year}n78/", html("".join(lines), f"{year}年政府信息公开年报"))
    site.reports += reports


def attached(site: Site, reports: list[Report], how: str = "link") -> None:
    """Reports as files on a page of their own: linked, in a viewer's frame, or in a zip."""
    lines = []
    for position, report in enumerate(reports):
        name = f"/upload/{report.year}/file{position}.{report.extension if how != 'zip' else 'zip'}"
        data = report.data
        if how == "zip":
            stream = io.BytesIO()
            with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
                package.writestr(f"{title(report)}.{report.extension}", data)
            data = stream.getvalue()
        site.page(name, data, type="application/octet-stream")
        shown = (
            f'<p>附件：<a href="{name}">{title(report)}.{name[-4:]}</a></p>'
            if how != "viewer"
            else f'<iframe src="/pdf/viewer.html?file={name}"></iframe>'
        )
        path = f"/gknb/{report.year}/t{position}.html"
        site.page(path, html(f"<h1>{title(report)}</h1>{shown}", title(report)))
        site.page("/pdf/viewer.html", html("<p>viewer</p>"))
        report.path = name
        lines.append(link(path, title(report)))
    site.page("/gknb/", _list(lines))
    site.entry = "/gknb/"
    site.reports += reports


def calendar(site: Site, lines: list[str]) -> None:
    """A list beside a calendar without an end."""

    def month(asked: Asked) -> Answer:
        number = int(asked.query.get("m") or 0)
        days = "".join(f'<a href="/gknb/rili?m={number}&d={day}">{day}</a>' for day in range(1, 29))
        return Answer(
            html(
                f'{days}<a href="/gknb/rili?m={number + 1}">下一月</a><a href="/gknb/rili?m={number + 1}">下一页</a>',
                "日历",
            ).encode()
        )

    site.routes["/gknb/rili"] = month
    site.page("/gknb/index.html", _list(lines, '<a href="/gknb/rili?m=1">日历</a>'))
    site.entry = "/gknb/index.html"


def with_lines(name: str, number: int, count: int, build: Callable[..., None], **options: Any) -> Site:
    """A site of a family with so many reports and some decoys."""
    site = Site(name)
    lines = articles(site, make_reports(number, count)) + decoys(site, number)
    random.Random(number).shuffle(lines)
    build(site, lines, **options)
    return site


def refusing(name: str) -> Site:
    """Sites that refuse, each in its way."""
    site = Site(name, unit=f"{name}县教育局", entry="/gknb/")
    site.page("/gknb/", _list([link("/art/1.html", f"{name}县教育局2023年政府信息公开工作年度报告")]))
    site.page("/art/1.html", document(f"{name}县教育局", 2023, "html", 1))
    answers: dict[str, tuple[Route_, str]] = {
        "disallow": (Answer(b"User-agent: *\nDisallow: /"), "refused_robots"),
        "bom": (Answer(b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /"), "refused_robots"),
        "slow": (Answer(b"User-agent: *\nCrawl-delay: 120"), "refused_robots"),
        "robots403": (Answer(b"", 403), "refused_robots"),
        "robots503": (Answer(b"", 503), "refused_robots"),
    }
    if name in answers:
        site.robots, site.status = answers[name]
    challenge = b"<html><script>$_ts=window['$_ts'];if(!$_ts)$_ts={};$_ts.nsd=1;</script><body></body></html>"
    pages: dict[str, tuple[Answer, str]] = {
        "c412": (Answer(challenge, 412), "challenged"),
        "c521": (
            Answer(
                b"<script>document.cookie='x'</script>",
                521,
                headers=(("X-Via-JSL", "1"), ("Set-Cookie", "__jsluid_s=1")),
            ),
            "challenged",
        ),
        "c200": (Answer(challenge), "challenged"),
        "forbidden": (Answer(b"forbidden", 403), "unreachable"),
        "broken": (Answer(b"oops", 502), "unreachable"),
        "missing200": (Answer(html("<p>抱歉，您访问的页面不存在或已删除</p>", "404").encode()), "unreachable"),
        "bomb": (Answer(gzip.compress(b"0" * 80_000_000), headers=(("Content-Encoding", "gzip"),)), "unreachable"),
        "drip": (Answer(b"x" * 4000, drip=20), "unreachable"),
        "silent": (Answer(silent=30), "unreachable"),
    }
    if name in pages:
        site.routes["/gknb/"], site.status = pages[name]
    return site


Route_ = Answer


def incomplete(name: str, number: int) -> Site:
    """Lists that cannot be followed to their end."""
    site = Site(name, status="list_incomplete")
    lines = articles(site, make_reports(80 + number, 9))
    if name == "gap":
        trs(site, lines, 0, size=3)
        site.routes["/zwgk/gknb/index_2.html"] = Answer(b"", 500)
        site.reports = site.reports[:6]
    elif name == "script":
        site.page("/gknb/", _list(lines[:5], "<div>共3页 <a href='javascript:goPage(2)'>下一页</a></div>"))
        site.entry = "/gknb/"
        site.reports = site.reports[:5]
    elif name == "blocked":
        trs(site, lines, 0, size=6)
        site.robots = Answer(b"User-agent: *\nDisallow: /zwgk/gknb/index_1")
        site.reports = site.reports[:6]
    return site


def counting(site: Site, reports: list[Report]) -> None:
    """Pages with a visit counter: no two answers are the same bytes."""
    lines = articles(site, reports)
    seen = [0]

    def count(data: bytes) -> Callable[[Asked], Answer]:
        def answer(asked: Asked) -> Answer:
            seen[0] += 1
            return Answer(data.replace(b"</body>", f"<p>浏览次数：{seen[0]}</p></body>".encode()))

        return answer

    for report in reports:
        site.routes[report.path] = count(report.data)
    site.page("/gknb/", _list(lines))
    site.entry = "/gknb/"


def gbk(site: Site, lines: list[str]) -> None:
    """A list in GBK that says it is UTF-8."""
    site.routes["/gknb/"] = Answer(_list(lines).encode("gb18030"))
    site.entry = "/gknb/"


def small_web(scale: int = 1) -> list[Site]:
    """One site of each kind with few reports, or with so many times as many."""
    sites = [
        with_lines("trs0", 0, 6 * scale, trs, base=0), with_lines("trs1", 1, 6 * scale, trs, base=1), with_lines("trs404", 2, 6 * scale, trs, base=1, beyond=2),
        with_lines("setpage", 3, 6 * scale, set_page), with_lines("jpage", 4, 13 * scale, jpage, largest=10), with_lines("jpage_records", 5, 13 * scale, jpage, by_page=False, largest=10),
        with_lines("jpaas", 6, 12 * scale, jpaas), with_lines("xxgk", 7, 9 * scale, xxgk), with_lines("truecms", 8, 17 * scale, truecms), with_lines("epoint", 9, 9 * scale, epoint),
        with_lines("gkmlpt", 10, 7 * scale, gkmlpt), with_lines("was5", 11, 12 * scale, was5), with_lines("anhui", 12, 9 * scale, anhui), with_lines("allinone", 13, 4 * scale, all_in_one),
        *(with_lines(f"plain_{style}", 20 + number, 6 * scale, plain, style=style) for number, style in enumerate(("query", "path", "jhtml", "aspx"))),
        with_lines("calendar", 14, 6 * scale, calendar), with_lines("gbk", 15, 6 * scale, gbk),
    ]  # fmt: skip
    for name, build in (("tree", tree), ("docx", attached), ("counting", counting)):
        site = Site(name, kind="site" if name == "tree" else "auto")
        build(site, make_reports(40 + len(sites), 6 * scale, format="docx" if name == "docx" else "html"))
        sites.append(site)
    for how in ("viewer", "zip"):
        site = Site(how)
        attached(site, make_reports(40 + len(sites), 3 * scale, format="xls" if how == "zip" else "docx"), how)
        sites.append(site)
    sites += [
        refusing(name)
        for name in (
            "disallow",
            "bom",
            "slow",
            "robots403",
            "robots503",
            "c412",
            "c521",
            "c200",
            "forbidden",
            "broken",
            "missing200",
            "bomb",
        )
    ]
    sites += [incomplete(name, number) for number, name in enumerate(("gap", "script", "blocked"))]
    return sites
