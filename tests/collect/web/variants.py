"""The same families as other sites spell them: small sites, one trait each."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from dataclasses import replace

from collect.web import Answer, Asked, Report, Site, html, link
from collect.web.sites import (
    anhui,
    articles,
    cut,
    epoint,
    gkmlpt,
    jpaas,
    jpage,
    make_reports,
    title,
    trs,
    truecms,
    was5,
)

Fill = Callable[[Site, int], None]
_FILLS: list[tuple[str, Fill]] = []


def variants() -> list[Site]:
    """One site a trait."""
    sites = []
    for number, (name, fill) in enumerate(_FILLS):
        site = Site(name)
        fill(site, 300 + number)
        sites.append(site)
    return sites


def _variant(fill: Fill) -> Fill:
    _FILLS.append((fill.__name__, fill))
    return fill


def _pages(lines: Sequence[str], more: str = "", name: str = "政府信息公开年报") -> str:
    return html(f"<ul>{''.join(lines)}</ul>{more}", name)


def _given(site: Site, entry: str, number: int, count: int, format: str = "html") -> list[Report]:
    site.entry = entry
    site.reports = make_reports(number, count, format=format)
    return site.reports


@_variant
def pages_of_units_that_list_bare_years(site: Site, number: int) -> None:
    reports = _given(site, "/zfxxgknb/", number, 6)
    units = list(dict.fromkeys(report.unit for report in reports))
    site.page(
        "/zfxxgknb/",
        html(
            "".join(f'<a href="/zfxxgknb/u{place}/index.html">{unit}</a>' for place, unit in enumerate(units)),
            "政府信息公开年报",
        ),
    )
    for place, unit in enumerate(units):
        own = [report for report in reports if report.unit == unit]
        for report in own:
            site.page(f"/zfxxgknb/u{place}/c{report.year}.html", report.data)
        site.page(
            f"/zfxxgknb/u{place}/index.html",
            html("".join(f'<a href="c{report.year}.html">{report.year}年度报告</a>' for report in own), unit),
        )


@_variant
def next_page_by_onclick_counted_from_0(site: Site, number: int) -> None:
    pages = cut(articles(site, make_reports(number, 9)), 3)
    for place, part in enumerate(pages):
        after = f"<a href='javascript:void(0)' onclick=\"location.href='/nb/list?page={place + 1}'\">下一页</a>"
        site.page(f"/nb/list?page={place}", _pages(part, after if place < 2 else ""))
    site.entry, site.kind = "/nb/list?page=0", "list"


@_variant
def attachments_of_pages_whose_title_says_little(site: Site, number: int) -> None:
    lines = []
    for place, report in enumerate(_given(site, "/gknb/", number, 3, "docx")):
        site.page(f"/files/{place}.docx", report.data, type="application/octet-stream")
        words = f"{report.unit}{report.year}年年报"
        site.page(
            f"/gknb/{place}.html",
            html(f"<h1>{words}</h1><p>见附件 <a href='/files/{place}.docx'>点击下载</a></p>", words),
        )
        lines.append(link(f"/gknb/{place}.html", words))
    site.page("/gknb/", _pages(lines))


@_variant
def jpage_with_an_object(site: Site, number: int) -> None:
    lines = articles(site, make_reports(number, 9))
    jpage(site, lines, largest=4)
    call = f"$('#x').jpage({{totalRecord:{len(lines)}, perPage:3, ajaxParam:{{'columnid':'77','unitid':'31591','webid':3}}, proxyUrl:'/module/web/jpage/dataproxy.jsp'}})"
    site.page("/col/col77/index.html", html(f"<script>{call}</script>", "信息公开年报"))


@_variant
def jpaas_with_json(site: Site, number: int) -> None:
    jpaas(site, articles(site, make_reports(number, 9)))
    data = '{"parseType":"bulidstatic","webId":"3","tplSetId":"Ab","pageType":"column","editType":"null","pageId":"77"}'
    site.page(
        "/col/col77/index.html",
        html(
            f'<script src="/x/unitbuild.js" url="/api-gateway/jpaas-publish-server/front/page/build/unit" queryData=\'{data}\'></script>',
            "政府信息公开年报",
        ),
    )


@_variant
def gkmlpt_without_a_fragment(site: Site, number: int) -> None:
    gkmlpt(site, articles(site, make_reports(number, 9)))
    site.routes["/gkmlpt/index"] = site.routes["/gkmlpt/annualreport"]
    site.entry = "/gkmlpt/index"


@_variant
def epoint_counted_from_0(site: Site, number: int) -> None:
    epoint(site, articles(site, make_reports(number, 60, years=(2019, 2020, 2021, 2022, 2023))))
    path = "/EpointWebBuilder/rest/lightfrontaction/getgovinfolist"
    counted_from_1 = site.routes[path]

    def counted_from_0(asked: Asked) -> Answer:
        assert callable(counted_from_1)
        return counted_from_1(replace(asked, data={**asked.data, "pageIndex": int(asked.data["pageIndex"]) + 1}))

    site.routes[path] = counted_from_0


@_variant
def truecms_with_a_narrow_window(site: Site, number: int) -> None:
    truecms(site, articles(site, make_reports(number, 25)), window=10)


@_variant
def trs_under_another_name(site: Site, number: int) -> None:
    pages = cut(articles(site, make_reports(number, 9)), 3)
    for place, part in enumerate(pages):
        call = f'<SCRIPT LANGUAGE="JavaScript">createPageHTML({len(pages)}, {place}, "list", "shtml");</SCRIPT>'
        site.page(f"/nb/list_{place}.shtml" if place else "/nb/list.shtml", _pages(part, call))
    site.entry = "/nb/list.shtml"


@_variant
def set_page_in_a_folder(site: Site, number: int) -> None:
    pages = cut(articles(site, make_reports(number, 9)), 3)
    for place, part in enumerate(pages, 1):
        call = f'<script>$("#p").pagination("setPage", {place}, {len(pages)})</script>'
        site.page("/xxgk/nb/" if place == 1 else f"/xxgk/nb/index_{place}.html", _pages(part, call))
    site.entry = "/xxgk/nb/"


@_variant
def redirects_of_page_and_robots(site: Site, number: int) -> None:
    trs(site, articles(site, make_reports(number, 6)), 0, size=2)
    site.page("/go", b"", status=302, headers=(("Location", "/zwgk/gknb/"),))
    site.robots = Answer(b"", 301, headers=(("Location", "/rules/robots.txt"),))
    site.page("/rules/robots.txt", "User-agent: *\nDisallow: /secret")
    site.entry = "/go"


@_variant
def refreshed_page_with_a_frameset(site: Site, number: int) -> None:
    trs(site, articles(site, make_reports(number, 6)), 1, size=2)
    site.page("/", '<html><head><meta http-equiv="refresh" content="0; url=./main.html"></head></html>')
    site.page("/main.html", '<html><frameset><frame src="/top.html"><frame src="/zwgk/gknb/"></frameset></html>')
    site.page("/top.html", "<p>某市人民政府</p>")
    site.entry = "/"


@_variant
def asked_to_come_back(site: Site, number: int) -> None:
    body = _pages(articles(site, make_reports(number, 3))).encode()
    answers = iter([Answer(b"", 429, headers=(("Retry-After", "1"),))])
    site.routes["/gknb/"] = lambda asked: next(answers, Answer(body))
    site.entry = "/gknb/"


@_variant
def packed_pages(site: Site, number: int) -> None:
    lines = articles(site, make_reports(number, 3))
    site.page("/gknb/", gzip.compress(_pages(lines).encode()), headers=(("Content-Encoding", "gzip"),))
    site.entry = "/gknb/"


@_variant
def decoys_with_the_tables_of_a_report(site: Site, number: int) -> None:
    lines = articles(site, make_reports(number, 3))
    other = make_reports(number + 100, 1)[0]
    site.page("/art/x.html", other.data.replace("工作年度报告".encode(), "工作年度报告解读".encode()))
    site.page("/art/y.html", html("<h1>某县2023年国有企业年报</h1>"))
    site.page(
        "/gknb/", _pages([*lines, link("/art/x.html", "相关情况说明"), link("/art/y.html", "某县2023年国有企业年报")])
    )
    site.entry = "/gknb/"


@_variant
def links_that_say_view_or_a_year(site: Site, number: int) -> None:
    cells = ""
    for place, report in enumerate(_given(site, "/gknb/", number, 6)):
        site.page(f"/gknb/v{place}.html", report.data)
        cells += f"<tr><td>{report.unit}</td><td><a href='/gknb/v{place}.html'>{'查看' if place % 2 else report.year}</a></td></tr>"
    site.page("/gknb/", html(f"<table>{cells}</table>", "政府信息公开年报"))


@_variant
def reports_in_frames(site: Site, number: int) -> None:
    lines = []
    for place, report in enumerate(_given(site, "/gknb/", number, 3)):
        site.page(f"/inner/{place}.htm", report.data)
        site.page(
            f"/gknb/{place}.html",
            html(f"<h1>{title(report)}</h1><iframe src='/inner/{place}.htm'></iframe>", title(report)),
        )
        lines.append(link(f"/gknb/{place}.html", title(report)))
    site.page("/gknb/", _pages(lines))


@_variant
def files_behind_a_script(site: Site, number: int) -> None:
    reports = _given(site, "/gknb/", number, 3, "docx")
    site.routes["/module/download/downfile.jsp"] = lambda asked: Answer(reports[int(asked.query["filename"][0])].data)
    lines = []
    for place, report in enumerate(reports):
        place_of = f"/module/download/downfile.jsp?classid=0&amp;filename={place}abc.docx"
        site.page(f"/gknb/{place}.html", html(f"<h1>{title(report)}</h1><a href='{place_of}'>附件1</a>", title(report)))
        lines.append(link(f"/gknb/{place}.html", title(report)))
    site.page("/gknb/", _pages(lines))


@_variant
def was5_in_an_address(site: Site, number: int) -> None:
    was5(site, articles(site, make_reports(number, 18)))
    site.page(
        "/xxgk/nb.html",
        html("<script>$.post('/was5/web/search?channelid=123952',{page:1})</script>", "政府信息公开年报"),
    )


@_variant
def anhui_with_objects(site: Site, number: int) -> None:
    lines = articles(site, make_reports(number, 12))
    anhui(site, lines)
    calls = (
        "<script>Ls.pagination({columnId: 6001, pageCount: 2}); Ls.pagination({columnId: 6002, pageCount: 2});</script>"
    )
    site.page("/public/gknb/index.html", _pages(lines[:2], calls))


@_variant
def pages_in_another_folder(site: Site, number: int) -> None:
    for place, part in enumerate(cut(articles(site, make_reports(number, 9)), 3), 1):
        numbers = "".join(f"<a href='/nb/list/{other}.html'>{other}</a>" for other in (2, 3))
        site.page("/nb/" if place == 1 else f"/nb/list/{place}.html", _pages(part, numbers))
    site.entry = "/nb/"


@_variant
def a_home_page(site: Site, number: int) -> None:
    trs(site, articles(site, make_reports(number, 6)), 0, size=2)
    site.page("/", html('<a href="/xxgk/">信息公开</a><a href="/jg/">机构</a>'))
    site.page("/xxgk/", html('<a href="/zwgk/gknb/">年报</a><a href="/zn/">指南</a>', "政府信息公开"))
    site.entry = "/"
