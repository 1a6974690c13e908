"""Quirks on the markup of pages."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable

from typeset.model import Draft
from typeset.registry import NATIONAL, PAGED, quirk

_PAGES = ("html", "mht")
_CELL = re.compile(r"(<td[^>]*>)(.*?)(</td>)", re.S)
_SOUNDS = {
    "自": "zì",
    "然": "rán",
    "企": "qǐ",
    "业": "yè",
    "科": "kē",
    "研": "yán",
    "总": "zǒng",
    "计": "jì",
    "规": "guī",
    "章": "zhāng",
    "業": "yè",
}


def _in_cells(markup: str, change: Callable[[str], str]) -> str:
    return _CELL.sub(lambda match: match[1] + change(match[2]) + match[3], markup)


def _in_texts(markup: str, change: Callable[[str], str]) -> str:
    """Change what stands between tags within the body."""
    start = markup.index("<body>")
    parts = re.split(r"(<[^>]+>)", markup[start:])
    return markup[:start] + "".join(part if part.startswith("<") else change(part) for part in parts)


@quirk("every cell holds a paragraph", stage="markup", formats=PAGED)
def paragraphs_in_cells(markup: str, draft: Draft, draw: random.Random) -> str:
    """<td><p>…</p></td>."""
    return _in_cells(markup, lambda inner: f'<p style="text-align:center">{inner or "&nbsp;"}</p>')


@quirk("markup as Word exports it: mso styles, nested spans, labels split over tags", stage="markup", formats=_PAGES)
def word_markup(markup: str, draft: Draft, draw: random.Random) -> str:
    """Labels are cut anywhere; numbers of several digits, too."""

    def run(text: str) -> str:
        return f'<span lang="EN-US" style="font-size:10.5pt;font-family:宋体;mso-bidi-font-family:宋体;color:black;mso-font-kerning:0pt">{text}</span>'

    def word(inner: str) -> str:
        lines = []
        for line in inner.split("<br>"):
            cut = draw.randint(1, max(1, len(line) - 1)) if line and "&" not in line else len(line)
            pieces = [piece for piece in (line[:cut], line[cut:]) if piece]
            lines.append(
                "<b style='mso-bidi-font-weight:normal'>"
                + "\n".join(run(piece) if draw.random() < 0.8 else piece for piece in pieces)
                + "</b>"
            )
        glue = "<span style='mso-spacerun:yes'></span><o:p></o:p>"
        return f"<p class=MsoNormal align=center style='text-align:center;mso-pagination:widow-orphan'>{'<br>'.join(lines)}{glue}</p>"

    words = _in_cells(markup, word).replace("</b></p>", "</b></p>")
    junk = "<!--[if gte mso 9]><xml><w:WordDocument><w:View>Normal</w:View></w:WordDocument></xml><![endif]-->"
    return re.sub(r"</span>\n<span", "</span><span", words).replace("</head>", f"{junk}\n</head>", 1)


@quirk("navigation, scripts and styles of 60 to 120 kB around the report", stage="markup", formats=_PAGES)
def site_chrome(markup: str, draft: Draft, draw: random.Random) -> str:
    """As the pages of large sites are."""
    words = (
        "要闻",
        "公告",
        "政策文件",
        "解读",
        "人事",
        "统计数据",
        "规划",
        "预算决算",
        "招标采购",
        "办事指南",
        "信访",
        "互动",
    )

    def menu(count: int) -> str:
        links = (
            f'<li><a href="/c{draw.randint(1000, 9999)}/index.html" title="{name}">{name}</a><span>{draw.randint(1, 99)}</span></li>'
            for name in draw.choices(words, k=count)
        )
        return f'<div class="nav"><ul>{"".join(links)}</ul></div>'

    table = "".join(f"<tr><td>{draw.choice(words)}</td><td>{draw.randint(1, 500)}</td></tr>" for _ in range(20))
    script = (
        "<script>var d=["
        + ",".join(str(draw.randint(0, 9999)) for _ in range(draw.randint(6000, 11000)))
        + "];</script>"
    )
    before = f'{script}<div class="top">{menu(120)}</div><div class="left"><table>{table}</table></div>'
    after = (
        f'<div class="foot">{menu(60)}<p>主办：某县人民政府办公室 备案号：00000000号 网站标识码：0000000000</p></div>'
    )
    style = "<style>" + "".join(f".c{i}{{width:{draw.randint(1, 900)}px;float:left}}" for i in range(700)) + "</style>"
    return (
        markup.replace("</head>", style + "</head>", 1)
        .replace("<body>", "<body>" + before, 1)
        .replace("</body>", after + "</body>", 1)
    )


@quirk("pinyin above the characters of labels, as ruby", stage="markup", formats=("html", "mht"))
def ruby_pinyin(markup: str, draft: Draft, draw: random.Random) -> str:
    """<ruby>业<rt>yè</rt></ruby>."""

    def sounded(text: str) -> str:
        return "".join(
            f"<ruby>{c}<rp>(</rp><rt>{_SOUNDS[c]}</rt><rp>)</rp></ruby>" if c in _SOUNDS else c for c in text
        )

    return _in_cells(markup, lambda inner: inner if "<" in inner else sounded(inner))


@quirk("closing tags of cells and rows are missing", stage="markup", formats=_PAGES)
def unclosed_tags(markup: str, draft: Draft, draw: random.Random) -> str:
    """HTML allows it."""
    return markup.replace("</td>", "").replace("</tr>", "")


@quirk("tags in capitals, attributes without quotes", stage="markup", formats=_PAGES)
def shouting_tags(markup: str, draft: Draft, draw: random.Random) -> str:
    """As editors of 2003 wrote."""
    shouted = re.sub(r"</?(?:td|tr|table|p)\b", lambda match: match[0].upper(), markup)
    return re.sub(r'(colspan|rowspan)="(\d+)"', lambda match: f"{match[1].upper()}={match[2]}", shouted)


@quirk("zero-width characters within labels and numbers", stage="markup", formats=_PAGES)
def zero_width_noise(markup: str, draft: Draft, draw: random.Random) -> str:
    """Left by editors, seen by nobody."""
    return _in_cells(
        markup,
        lambda inner: (
            inner
            if not inner or "<" in inner or "&" in inner
            else inner[:1] + draw.choice("\u200b\ufeff\u200d\u2060") + inner[1:]
        ),
    )


@quirk("characters as numeric entities", stage="markup", formats=_PAGES)
def numeric_entities(markup: str, draft: Draft, draw: random.Random) -> str:
    """&#33258; for 自."""
    return _in_texts(
        markup,
        lambda text: (
            "".join(
                c if c.isspace() or ord(c) < 48 or c in "&;#" or (c.isascii() and not c.isdigit()) else f"&#{ord(c)};"
                for c in text
            )
            if "&" not in text
            else text
        ),
    )


@quirk("every cell carries attributes with other numbers", stage="markup", formats=_PAGES, forms=NATIONAL)
def hover_remarks(markup: str, draft: Draft, draw: random.Random) -> str:
    """A title attribute is no figure."""
    return re.sub(
        r"<td(?=[ >])",
        lambda match: f'<td title="上年：{draw.randint(1, 99)}" data-value="{draw.randint(1, 999)}"',
        markup,
    )


@quirk("the page's HTML is a string in a script", stage="markup", formats=("html",))
def script_string(markup: str, draft: Draft, draw: random.Random) -> str:
    """Written into the page when it is opened."""
    start, end = markup.index("<body>") + 6, markup.index("</body>")
    content = json.dumps(markup[start:end], ensure_ascii=draw.random() < 0.5).replace("</", "<\\/")
    script = f'<div id="article"></div>\n<script>\nvar content = {content};\ndocument.getElementById("article").innerHTML = content;\n</script>'
    return markup[:start] + script + markup[end:]


@quirk(
    "the file is the answer of a server in JSON, with the report's HTML as a string", stage="markup", formats=("html",)
)
def json_answer(markup: str, draft: Draft, draw: random.Random) -> str:
    """Saved from a browser's network tab."""
    start, end = markup.index("<body>") + 6, markup.index("</body>")
    answer = {
        "code": 0,
        "msg": "ok",
        "data": {"id": draw.randint(1000, 9999), "title": draft.title, "content": markup[start:end]},
    }
    return json.dumps(answer, ensure_ascii=draw.random() < 0.5)


@quirk("no lines between the cells", stage="markup", formats=("pdf", "png"))
def no_lines(markup: str, draft: Draft, draw: random.Random) -> str:
    """Only the places of the words tell the columns."""
    return markup.replace("</style>", "td,th{border:none !important}</style>", 1).replace(
        '<table border="1">', "<table>"
    )


@quirk("narrow pages: tables break over pages with their headers repeated", stage="markup", formats=("pdf",))
def small_pages(markup: str, draft: Draft, draw: random.Random) -> str:
    """A6."""
    return markup.replace(
        "</style>", "@page{size:148mm 148mm;margin:8mm}tr{break-inside:avoid}td{font-size:9px !important}</style>", 1
    )


@quirk("landscape pages", stage="markup", formats=("pdf",))
def landscape(markup: str, draft: Draft, draw: random.Random) -> str:
    """A4 on its side."""
    return markup.replace("</style>", "@page{size:A4 landscape}</style>", 1)


@quirk("headers of columns are rotated", stage="markup", formats=("pdf", "html"), forms=NATIONAL)
def rotated_headers(markup: str, draft: Draft, draw: random.Random) -> str:
    """Written from top to bottom."""
    names = "自然人|商业企业|科研机构|社会公益组织|法律服务机构|总计"
    return re.sub(rf"<td([^>]*)>({names})</td>", r'<td\1 style="writing-mode:vertical-rl">\2</td>', markup)
