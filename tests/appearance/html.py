"""Pages of which one cell shows something else than the text in it."""

from __future__ import annotations

import base64
from dataclasses import replace

from appearance import SHADE, Sample, Shown, kind

_PIXEL = base64.b64encode(
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
).decode()
_COLOR = "#{:02x}{:02x}{:02x}".format(*SHADE)


def _changed(
    sample: Sample, cell: str, *, css: str = "", script: str = "", attributes: str = "", seen: str | None = None
) -> Shown:
    """The page with other markup in the cell; `{f}` is the figure, `{a}` and `{b}` are its digits."""
    page = sample.data.decode()
    plain = f"<td>{sample.figure}</td>"
    assert page.count(plain) == 1
    first, second = sample.figure
    markup = cell.replace("{f}", sample.figure).replace("{a}", first).replace("{b}", second)
    page = page.replace(plain, f'<td bgcolor="{_COLOR}"{attributes}>{markup}</td>')
    page = page.replace("</head>", f"<style>{css}</style></head>", 1)
    page = page.replace("</body>", f"<script>{script}</script></body>", 1)
    return Shown(page.encode(), seen)


def _register(
    name: str,
    cell: str,
    *,
    css: str = "",
    script: str = "",
    attributes: str = "",
    seen: str | None = "",
    by_eye: bool = False,
) -> None:
    """A kind of changed markup; what is seen is the figure unless something else is said."""

    @kind("html", name)
    def change(sample: Sample) -> Shown:
        first, second = sample.figure
        visible = {"": sample.figure, "a": first, "b": second, "ba": second + first}.get(seen or "", seen)
        shown = _changed(
            sample, cell, css=css, script=script, attributes=attributes, seen=visible if seen is not None else None
        )
        return replace(shown, by_eye=by_eye)


_SR_ONLY = "position:absolute;width:1px;height:1px;overflow:hidden;clip:rect(0,0,0,0);white-space:nowrap"

# Another digit behind or before the figure that is not seen.
_register("sr_only_digit", '{f}<span class="sr-only">0</span>', css=f".sr-only{{{_SR_ONLY}}}")
_register("hidden_by_class", '{f}<span class="x">0</span>', css="td .x{display:none}")
_register("hidden_by_attribute", "{f}<span hidden>0</span>")
_register("hidden_by_style", '{f}<span style="display:none">0</span>')
_register("hidden_by_child_selector", "{f}<i>0</i>", css="td > i{visibility:hidden}")
_register("off_screen", '{f}<span style="position:absolute;left:-9999px">0</span>')
_register(
    "off_screen_by_indent", '{f}<span style="display:inline-block;width:0;overflow:hidden;text-indent:-999px">0</span>'
)
_register("transparent_digit", '{f}<span style="color:transparent">0</span>')
_register("transparent_by_alpha", '{f}<span style="color:rgba(0,0,0,0)">0</span>')
_register("opacity_nothing", '{f}<b style="opacity:0">0</b>')
_register("font_nothing", '{f}<span style="font:0/0 a">0</span>')
_register("font_size_nothing", '<span class="n">0</span>{f}', css=".n{font-size:0}")
_register("clipped_digit", '{f}<span style="position:absolute;clip-path:inset(100%)">0</span>')
_register("scaled_to_nothing", '{f}<span style="display:inline-block;transform:scale(0)">0</span>')
_register("ground_color", f'{{f}}<font color="{_COLOR}">0</font>')
_register("closed_dialog", "{f}<dialog>0</dialog>")
_register("template", "{f}<template>0</template>")
_register("comment", "{f}<!--0-->")
_register("hidden_input", '{f}<input type="hidden" value="0">')
_register("max_height_nothing", '{f}<span style="display:inline-block;max-height:0;overflow:hidden">0</span>')
_register("first_letter_hidden", "{f}", css="td[bgcolor]::first-letter{font-size:0}", seen="b")
_register("hidden_only_on_phones", '{a}<span class="p">{b}</span>', css="@media (max-width:600px){.p{display:none}}")
_register("shown_by_a_later_rule", '{a}<span class="t on">{b}</span>', css=".t{display:none}.t.on{display:inline}")
_register("important_hides", '{f}<span class="t" style="display:inline">0</span>', css=".t{display:none!important}")

# Digits that are struck out, raised, lowered or glossed.
_register("struck_by_class", '{f}<span class="old">7</span>', css=".old{text-decoration:line-through}", by_eye=True)
_register("struck_by_tag", "<s>7</s>{f}", by_eye=True)
_register("struck_whole", "<del>{f}</del>", seen=None)
_register("subscript", "{f}<sub>2</sub>", seen=None)
_register("superscript", "{f}<sup>2</sup>", by_eye=True)
_register("raised_by_style", '{f}<span style="vertical-align:super;font-size:60%">2</span>', seen=None)
_register(
    "raised_by_class", '{f}<span class="fn">2</span>', css=".fn{position:relative;top:-.5em;font-size:8px}", seen=None
)
_register("ruby", "<ruby>{f}<rt>2</rt></ruby>", seen=None)

# The order on the page is not that in the text.
_register("bdo", '<bdo dir="rtl">{f}</bdo>', seen="ba")
_register("bidi_override", '<span style="unicode-bidi:bidi-override;direction:rtl">{f}</span>', seen="ba")
_register("bidi_by_class", '<span class="r">{f}</span>', css=".r{unicode-bidi:bidi-override;direction:rtl}", seen="ba")
_register("override_character", "\u202e{f}\u202c", seen="ba")
_register("floated_right", '<span class="d">{a}</span><span class="d">{b}</span>', css=".d{float:right}", seen="ba")
_register(
    "flex_reverse",
    '<div style="display:inline-flex;flex-direction:row-reverse"><span>{a}</span><span>{b}</span></div>',
    seen="ba",
)
_register(
    "flex_order",
    '<div style="display:inline-flex"><span style="order:2">{a}</span><span style="order:1">{b}</span></div>',
    seen="ba",
)
_register(
    "placed_before",
    '<span style="position:relative"><span>{a}</span><span style="position:absolute;left:-1ch">{b}</span></span>',
    seen="ba",
)

# What is seen is no text of the page.
_register("input_value", '<input value="{f}" size="3">')
_register("select", "<select><option>1</option><option selected>{f}</option></select>")
_register("textarea", '<textarea rows="1" cols="3">{f}</textarea>')
_register("svg_text", '<svg width="30" height="18"><text x="2" y="14">{f}</text></svg>')
_register(
    "canvas",
    '<canvas id="cv" width="30" height="18"></canvas>',
    script="document.getElementById('cv').getContext('2d').fillRect(3,3,9,9)",
    seen=None,
)
_register("picture", f'<img width="12" height="12" src="data:image/gif;base64,{_PIXEL}">', seen=None)
_register("before_content", "{f}", css="td[bgcolor]::before{content:'1'}", seen=None)
_register("after_content_of_class", '<span class="z">{f}</span>', css='.z:after{content:"0"}', seen=None)
_register("content_of_attribute", '<span data-v="{f}"></span>', css="[data-v]::before{content:attr(data-v)}")
_register("counter", "<b class=c></b>", css=".c{counter-increment:n 5}.c::before{content:counter(n)}", seen="5")
_register("script_by_id", '<span id="c1">{f}</span>', script="document.getElementById('c1').innerHTML='3'", seen="3")
_register(
    "script_by_cell_id",
    "",
    attributes=' id="k3"',
    script="var v={k3:8};for(var k in v)document.getElementById(k).textContent=v[k]",
    seen="8",
)
_register(
    "script_by_class", '<span class="num">{f}</span>', script="document.querySelector('.num').innerText=4", seen="4"
)
_register("script_by_tag", "{f}", script="document.querySelector('td[bgcolor]').textContent='6'", seen="6")
_register("shadow_root", '<x-n><template shadowrootmode="open">9</template></x-n>', seen="9")
_register(
    "custom_element",
    '<x-fig v="9"></x-fig>',
    script="customElements.define('x-fig',class extends HTMLElement{connectedCallback(){this.textContent=this.getAttribute('v')}})",
    seen="9",
)

# Nothing but the form of the markup: what is seen is what stands there.
_register(
    "word_span",
    "<span lang=EN-US style='font-size:10.5pt;font-family:\"Times New Roman\",serif;mso-fareast-font-family:宋体'>{f}</span>",
)
_register(
    "word_pieces",
    "<span lang=EN-US style='font-size:10.5pt'>{a}</span><span lang=EN-US style='font-size:10.5pt'>{b}</span>",
)
_register("bold_digit", "<b>{a}</b>{b}")
_register("red_digit", '{a}<span style="color:red">{b}</span>')

# What few declarations say, by names and in places of their own.
for _name, _style in {
    "size_by_calculation": "font-size:calc(1px - 1px)",
    "size_by_clamp": "font-size:clamp(0px,0px,0px)",
    "paper_by_name": "color:cornsilk",
    "paper_by_lightness": "color:oklch(1 0 0)",
    "paper_by_mixture": "color:color-mix(in srgb,white,white)",
    "type_like_its_own_ground": "color:#112233;background:#123",
    "black_ground": "background:black",
    "scaled_to_a_speck": "display:inline-block;transform:scale(.01)",
    "turned_edgewise": "display:inline-block;transform:rotateX(90deg)",
    "no_size_across_the_line": "display:block;block-size:0;overflow:hidden",
    "cut_above_and_below": "display:block;height:0;overflow-y:hidden",
    "line_without_height": "display:block;line-height:0;overflow:hidden",
    "indented_out": "display:block;text-indent:100%;overflow:hidden;white-space:nowrap",
    "behind_its_cell": "position:relative;z-index:-1",
    "masked": "-webkit-mask-image:linear-gradient(transparent,transparent)",
    "written_by_code": "display:n\\6fne",
    "unknown_value_last": "display:none;display:bogus",
    "below_the_window": "position:fixed;bottom:-100px",
    "one_over_the_other": "letter-spacing:-1em",
    "half_of_it": "display:inline-block;width:5px;overflow:hidden;white-space:nowrap",
}.items():
    _register(f"whole_{_name}", f'<span style="{_style}">{{f}}</span>', seen=None)
    _register(f"class_{_name}", '<i class="q">{f}</i>', css=f".q{{{_style}}}", seen=None)
_register("half_a_turn", '<span style="display:inline-block;transform:rotate(.5turn)">{f}</span>', seen=None)
_register("list_number", "<ol><li>{f}</li></ol>", seen=None)
_register("list_number_by_style", '<span style="display:list-item;list-style:decimal inside">{f}</span>', seen=None)
_register("row_writes", "{f}", css="tr::after{content:'5'}", seen=None)
_register("picture_in_place", '<span class="q">{f}</span>', css=".q{content:url(data:,)}", seen=None)
_register("grid_places", '<i class="g"><i class="g1">{a}</i><i class="g2">{b}</i></i>', css=".g{display:inline-grid}.g1{grid-column:2;grid-row:1}.g2{grid-column:1;grid-row:1}", seen="ba")  # fmt: skip
_register("covered_by_a_box", '{f}<div class="q"></div>', css=".q{position:relative;top:-22px;height:24px;background:#fff}", seen=None)  # fmt: skip
_register("fraction", "<math><mfrac><mn>{a}</mn><mn>{b}</mn></mfrac></math>", seen=None)
_register("phantom", "<math><mphantom><mn>{f}</mn></mphantom></math>", seen=None)
_register("plain_math", "<math><mn>{f}</mn></math>")
_register("paper_by_old_attribute", '<font color="fff3b0">{f}</font>', seen=None)
_register("white_on_black", '<span style="background:#000;color:#fff">{f}</span>', by_eye=True)
_register("insisting_style", '{f}<i class="q" style="display:inline!important">0</i>', css=".q{display:none!important}", seen=None)  # fmt: skip
_register("shown_by_its_own_style", '{a}<i class="q" style="display:inline">{b}</i>', css=".q{display:none}")
# The bench looks at paper; a person reads the screen.
_register("hidden_on_paper_only", '{a}<i class="q">{b}</i>', css="}</style><style media=print>.q{display:none}", by_eye=True)  # fmt: skip
_register("variable", '{f}<i class="q">0</i>', css=":root{--d:none}.q{display:var(--d)}")
_register("script_by_list", "{f}", script="var t=document.getElementsByTagName('td');for(var i=0;i<t.length;i++)if(t[i].bgColor)t[i].innerHTML='7'", seen="7")  # fmt: skip
_register("script_writes_here", '{f}<script>document.write("0")</script>', seen=None)
_register("script_by_data", '<i id="zz">{f}</i>', script="document.getElementById('zz').firstChild.data='7'", seen="7")  # fmt: skip
_register("script_hides", '{f}<i id="zz">0</i>', script="document.getElementById('zz').style.display='none'")
_register("script_of_an_event", f'{{f}}<img src="data:image/gif;base64,{_PIXEL}" width="1" height="1" onload="this.parentNode.innerHTML=\'7\'">', seen="7")  # fmt: skip
_register("binding", '<i v-text="n">{f}</i>', seen=None)

# What the pages of ordinary sites and editors have around a figure, which says nothing of it.
for _name, _cell, _css, _script in (
    ("dark_header", "{f}", "th{background:#036;color:#fff}body{background:#f5f5f5}", ""),
    ("grey", '<span style="color:#999;opacity:.87">{f}</span>', "td:hover{color:#fff}tr:hover td{opacity:.1}", ""),
    ("boxes", '<div style="position:relative;display:flex;z-index:1"><div style="float:right">{f}</div></div>', "", ""),
    ("room", '<div style="width:60px;overflow:hidden;text-overflow:ellipsis">{f}</div>', "", ""),
    ("word", '<p class="MsoNormal" style="margin:0cm;mso-element:frame"><span style="font-size:10.5pt;color:windowtext;background:white;letter-spacing:-.5pt">{f}</span></p>', "", ""),
    ("editor", '<p style="margin-left:-7px;text-indent:2px"><span style=";font-family:宋体;font-size:16px">{f}</span></p>', "", ""),
    ("framework", '<div class="cell" data-v-7ba5bd90="">{f}</div>', ":root{--t:#606266}.cell{color:var(--t);overflow:hidden;font-size:clamp(12px,1vw,16px)}", ""),
    ("scaled", '<span style="display:inline-block;transform:scale(.9) translateZ(0)">{f}</span>', "@keyframes x{from{opacity:0}}body{animation:x 1s}", ""),
    ("misspelt", '<span style="color:balck;visibility:visible;filter:none;clip:auto">{f}</span>', "td{font-size:calc(12px + .2vw)}", ""),
    ("bullet", "<ul><li>{f}</li></ul>", ".tab{display:none}.tab.on{display:block}@media print{table{display:none}}", ""),
    ("bookmarks", '<span id="b1"></span><span class="num">{f}</span><span id="b2"></span>', "", "$('.nav').css('color','red');document.getElementById('s').innerHTML='x'"),
    ("striped", "{f}", "", "$('.e td').removeAttr('width');$('#t').html('x');var r=document.getElementsByTagName('tr');for(var i=0;i<r.length;i++){if(i%2)r[i].className='odd'}"),
):  # fmt: skip
    _register(f"ordinary_{_name}", _cell, css=_css, script=_script)

# The whole figure is out of sight.
_register("white_figure", f'<span style="color:{_COLOR}">{{f}}</span>', seen=None)
_register("invisible_figure", '<span class="o">{f}</span>', css=".o{opacity:0}", seen=None)
_register("figure_of_no_size", '<p style="font-size:0">{f}</p>', seen=None)
_register("figure_off_screen", '<div class="far">{f}</div>', css=".far{text-indent:-9999px}", seen=None)


@kind("html", "table_behind_picture")
def table_behind_picture(sample: Sample) -> Shown:
    """All tables out of sight, and a picture where they would be seen."""
    page = sample.data.decode()
    page = page.replace("<table", '<div style="position:absolute;left:-9999px"><table').replace(
        "</table>", f'</table></div><img src="data:image/gif;base64,{_PIXEL}" width="300" height="80">'
    )
    return Shown(page.encode(), None)
