"""Word files of which one cell shows something else than the text in it."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

from appearance import SHADE, Sample, Shown, kind

_MAIN = "word/document.xml"
_FILL = "{:02X}{:02X}{:02X}".format(*SHADE)
_SPACES = (
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" xmlns:zz="http://example.org/zz"'
)


def run(text: str, properties: str = "") -> str:
    """A run of text."""
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def changed(sample: Sample, runs: str, *, cell: str = "", row: str = "", seen: str | None) -> Shown:
    """The file with other runs in the cell; `{f}` is the figure, `{a}` and `{b}` are its digits."""
    first, second = sample.figure
    runs = runs.replace("{f}", sample.figure).replace("{a}", first).replace("{b}", second)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sample.data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = source.read(name)
            if name == _MAIN:
                part = _with_cell(part.decode(), sample.figure, runs, cell, row).encode()
            target.writestr(name, part)
    return Shown(out.getvalue(), seen)


def _with_cell(document: str, figure: str, runs: str, cell: str, row: str) -> str:
    at = document.index(f">{figure}</w:t>")
    start, end = document.rindex("<w:tc>", 0, at), document.index("</w:tc>", at)
    shaded = f'<w:tc><w:tcPr><w:shd w:val="clear" w:color="auto" w:fill="{_FILL}"/>{cell}</w:tcPr><w:p>{runs}</w:p>'
    document = document[:start] + shaded + document[end:]
    if row:
        begun = document.rindex("<w:tr>", 0, start) + len("<w:tr>")
        document = document[:begun] + f"<w:trPr>{row}</w:trPr>" + document[begun:]
    return document.replace("<w:document ", f"<w:document {_SPACES} ", 1)


def _register(
    name: str, runs: str, *, cell: str = "", row: str = "", seen: str | None = "", by_eye: bool = False
) -> None:
    """A kind of changed runs; what is seen is the figure unless something else is said."""

    @kind("docx", name)
    def change(sample: Sample) -> Shown:
        first, second = sample.figure
        visible = {"": sample.figure, "a": first, "b": second}.get(seen or "", seen)
        return replace(
            changed(sample, runs, cell=cell, row=row, seen=visible if seen is not None else None), by_eye=by_eye
        )


# Another digit behind the figure that is not seen.
_register("vanish", run("{f}") + run("0", "<w:vanish/>"))
_register("white_digit", run("{f}") + run("0", '<w:color w:val="FFFFFF"/>'))
_register("ground_colour", run("{f}") + run("0", f'<w:color w:val="{_FILL}"/>'))
_register("half_a_point", run("{f}") + run("0", '<w:sz w:val="1"/>'))
_register("squeezed", run("{f}") + run("0", '<w:w w:val="1"/>'))
_register("white_on_white_marker", run("{f}") + run("0", '<w:color w:val="FFFFFF"/><w:highlight w:val="white"/>'))
_register(
    "deleted_digit",
    run("{f}") + '<w:del w:id="1" w:author="a"><w:r><w:delText>0</w:delText></w:r></w:del>',
    by_eye=True,
)
_register("struck_digit", run("{f}") + run("0", "<w:strike/>"), seen=None)
_register("twice_struck_digit", run("0", "<w:dstrike/>") + run("{f}"), seen=None)
_register(
    "unknown_choice",
    '<w:r><mc:AlternateContent><mc:Choice Requires="zz"><w:t>99</w:t></mc:Choice><mc:Fallback><w:t>{f}</w:t></mc:Fallback></mc:AlternateContent></w:r>',
)
# All of it is not seen.
_register("black_marker", run("{f}", '<w:highlight w:val="black"/>'), seen=None)
_register("black_marker_on_black", run("{f}", '<w:color w:val="000000"/><w:highlight w:val="black"/>'), seen=None)
_register("all_white", run("{f}", '<w:color w:val="FFFFFF"/>'), seen=None)
_register("all_of_half_a_point", run("{f}", '<w:sz w:val="1"/>'), seen=None)
_register("all_hidden", run("{f}", "<w:vanish/>"), seen=None)
_register("all_deleted", '<w:del w:id="1" w:author="a"><w:r><w:delText>{f}</w:delText></w:r></w:del>', seen=None)
_register("flat_row", run("{f}"), row='<w:trHeight w:val="1" w:hRule="exact"/>', seen=None)
# Digits that do not stand side by side.
_register("raised_digit", run("{a}") + run("{b}", '<w:position w:val="14"/>'), seen=None)
_register("lowered_digit", run("{a}") + run("{b}", '<w:position w:val="-14"/>'), seen=None)
_register("superscript", run("{a}") + run("{b}", '<w:vertAlign w:val="superscript"/>'), seen=None)
_register("subscript", run("{a}") + run("{b}", '<w:vertAlign w:val="subscript"/>'), seen=None)
_register(
    "power",
    "<m:oMath><m:sSup><m:e><m:r><m:t>{a}</m:t></m:r></m:e><m:sup><m:r><m:t>{b}</m:t></m:r></m:sup></m:sSup></m:oMath>",
    seen=None,
)
_register(
    "fraction",
    "<m:oMath><m:f><m:num><m:r><m:t>{a}</m:t></m:r></m:num><m:den><m:r><m:t>{b}</m:t></m:r></m:den></m:f></m:oMath>",
    seen=None,
)
_register(
    "text_box_over",
    run("{f}")
    + '<w:r><w:pict><v:rect style="position:absolute;width:40pt;height:14pt" fillcolor="white"><v:textbox><w:txbxContent><w:p><w:r><w:t>99</w:t></w:r></w:p></w:txbxContent></v:textbox></v:rect></w:pict></w:r>',
    seen=None,
)
# What is seen whole, in ways of its own.
_register("split_runs", run("{a}") + run("{b}"))
_register("split_bold", run("{a}", "<w:b/>") + run("{b}", '<w:color w:val="C00000"/>'))
_register("plain_formula", "<m:oMath><m:r><m:t>{f}</m:t></m:r></m:oMath>")
_register("inserted", '<w:ins w:id="1" w:author="a">' + run("{f}") + "</w:ins>")
_register(
    "content_control",
    "<w:sdt><w:sdtPr><w:dropDownList/></w:sdtPr><w:sdtContent>" + run("{f}") + "</w:sdtContent></w:sdt>",
)
_register(
    "field_result",
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>={f}+0</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    + run("{f}")
    + '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
)
_register(
    "form_drop_down",
    '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="99"/><w:listEntry w:val="{f}"/></w:ddList></w:ffData></w:fldChar></w:r><w:r><w:instrText> FORMDROPDOWN </w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>',
)
_register("yellow_marker", run("{a}") + run("{b}", '<w:highlight w:val="yellow"/>'))

_W14 = 'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
_VML = 'xmlns:v="urn:schemas-microsoft-com:vml"'
# In ways of their own: over one another, elsewhere, in pictures, in another order, with a number before it.
for _name, _properties in {
    "two_lines_in_one": '<w:eastAsianLayout w:id="1" w:combine="1"/>',
    "pushed_together": '<w:spacing w:val="-300"/>',
    "fitted_to_nothing": '<w:fitText w:val="20"/>',
    "font_of_pictures": '<w:rFonts w:ascii="Wingdings" w:hAnsi="Wingdings"/>',
    "paper_by_theme": '<w:color w:val="auto" w:themeColor="background1"/>',
    "red_on_red": '<w:color w:val="FF0000"/><w:highlight w:val="red"/>',
    "black_on_dots": '<w:color w:val="000000"/><w:shd w:val="pct95" w:color="000000" w:fill="auto"/>',
    "filled_like_its_ground": f'<w14:textFill {_W14}><w14:solidFill><w14:srgbClr w14:val="{_FILL}"/></w14:solidFill></w14:textFill>',
    "filled_with_glass": f'<w14:textFill {_W14}><w14:solidFill><w14:srgbClr w14:val="000000"><w14:alpha w14:val="100000"/></w14:srgbClr></w14:solidFill></w14:textFill>',
}.items():
    _register(_name, run("{f}", _properties), seen=None)
for _name, _paragraph in {
    "flat_line": '<w:spacing w:line="20" w:lineRule="exact"/>',
    "indented_out": '<w:ind w:left="20000"/>',
    "in_a_frame": '<w:framePr w:w="500" w:x="9000" w:y="9000" w:hAnchor="page" w:vAnchor="page"/>',
    "counted": '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>',
}.items():
    _register(_name, f"<w:pPr>{_paragraph}</w:pPr>" + run("{f}"), seen=None)
_register("not_counted", '<w:pPr><w:numPr><w:numId w:val="0"/></w:numPr></w:pPr>' + run("{f}"))
_register("turned_order", '<w:bdo w:val="rtl">' + run("{f}") + "</w:bdo>", seen=None)
_register("struck_formula", "<m:oMath><m:borderBox><m:borderBoxPr><m:strikeH/></m:borderBoxPr><m:e><m:r><m:t>{f}</m:t></m:r></m:e></m:borderBox></m:oMath>", seen=None)  # fmt: skip
_register("phantom", "<m:oMath><m:phant><m:phantPr><m:show m:val=\"0\"/></m:phantPr><m:e><m:r><m:t>{f}</m:t></m:r></m:e></m:phant></m:oMath>", seen=None)  # fmt: skip
_register("hidden_formula", "<m:oMath><m:r><w:rPr><w:vanish/></w:rPr><m:t>9</m:t></m:r></m:oMath>" + run("{f}"))
_register("line_across", run("{f}") + f'<w:r><w:pict><v:line {_VML} style="position:absolute" from="0,8pt" to="40pt,8pt"/></w:pict></w:r>', seen=None)  # fmt: skip
_register("box_over", run("{f}") + f'<w:r><w:pict><v:rect {_VML} style="position:absolute;width:40pt;height:14pt" fillcolor="white"/></w:pict></w:r>', seen=None)  # fmt: skip
_register("page_number", run("{f}") + "<w:r><w:pgNum/></w:r>", seen=None)
