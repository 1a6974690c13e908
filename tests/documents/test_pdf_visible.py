"""What a person does not see on a page, or sees otherwise than its text says, is doubted; clean pages stay quiet."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable

import pytest
from typeset_pdf import grids, read, table, typeset

pdfdoc = pytest.importorskip("reportlab.pdfbase.pdfdoc")
ROWS = [["标题", "甲", "乙", "丙"], ["第一", "1", "22", "333"], ["第二", "", "5", "4"]]
# Places of the cell that says 22, and of the blank one.
FULL, BLANK = (222, 662, 36, 16), (182, 642, 36, 16)


def judged(data: bytes) -> tuple[str, str, set[str]]:
    """What the two cells say, and which cells are in doubt."""
    (grid,) = grids(read(data))
    assert grid.anchors is not None
    doubted = {
        grid.rows[y][0] + grid.rows[0][x]
        for y, row in enumerate(grid.anchors)
        for x, number in enumerate(row)
        if number in grid.doubts
    }
    return grid.rows[1][2], grid.rows[2][1], doubted


def on_table(draw: Callable[[object], None]) -> tuple[str, str, set[str]]:
    def page(c: object) -> None:
        table(c, rows=ROWS)
        draw(c)

    return judged(typeset(page))


def in_grey(level: float) -> Callable[[object], None]:
    def draw(c: object) -> None:
        c.setFillColorRGB(level, level, level)
        c.drawCentredString(200, 647, "7")

    return draw


def clipped(c: object) -> None:
    path = c.beginPath()
    path.rect(0, 0, 50, 50)
    c.clipPath(path, stroke=0)
    c.drawCentredString(200, 647, "7")


def invisible(c: object) -> None:
    text = c.beginText(198, 647)
    text.setTextRenderMode(3)
    text.textLine("7")
    c.drawText(text)


@pytest.mark.parametrize("draw", [in_grey(1), in_grey(0.96), in_grey(0.8), clipped, invisible])
def test_a_figure_that_is_not_seen_leaves_its_cell_in_doubt(draw: Callable[[object], None]) -> None:
    assert on_table(draw)[2] == {"第二甲"}


def test_a_figure_in_the_colour_of_its_ground() -> None:
    def draw(c: object) -> None:
        c.rect(*BLANK, fill=1, stroke=0)
        table(c, rows=ROWS)
        c.drawCentredString(200, 647, "7")

    assert judged(typeset(draw))[1:] == ("", {"第二甲"})


def painted(*box: float) -> Callable[[object], None]:
    def draw(c: object) -> None:
        c.setFillColorRGB(1, 1, 1)
        c.rect(*box, fill=1, stroke=0)

    return draw


def shaded(c: object) -> None:
    from reportlab.lib.colors import white

    path = c.beginPath()
    path.rect(*FULL)
    c.clipPath(path, stroke=0)
    c.linearGradient(222, 662, 258, 678, (white, white))


def pictured(c: object) -> None:
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    out = io.BytesIO()
    Image.new("RGB", (4, 4), "white").save(out, "PNG")
    c.drawImage(ImageReader(out), *FULL)


def struck(*ends: float) -> Callable[[object], None]:
    return lambda c: c.line(*ends)


@pytest.mark.parametrize(
    "draw",
    [
        painted(*FULL),
        painted(240, 662, 18, 16),
        shaded,
        pictured,
        struck(234, 670, 246, 670),
        struck(235.5, 670, 240, 670),
        struck(233, 665, 247, 676),
    ],
)
def test_a_figure_that_is_covered_or_struck_is_doubted(draw: Callable[[object], None]) -> None:
    assert on_table(draw)[2] == {"第一乙"}


def veiled(c: object) -> None:
    c.setFillAlpha(0.9)
    painted(*FULL)(c)


def broad_stroke(c: object) -> None:
    c.setStrokeColorRGB(1, 1, 1)
    c.setLineWidth(16)
    c.line(222, 670, 258, 670)


def waved(c: object) -> None:
    path = c.beginPath()
    path.moveTo(232, 670)
    for k in range(1, 9):
        path.lineTo(232 + 2 * k, 672 if k % 2 else 668)
    c.drawPath(path)


def curved(c: object) -> None:
    c.bezier(232, 670, 236, 674, 244, 666, 248, 670)


def marked_over(c: object) -> None:
    c.setFillColorRGB(1, 0, 0)
    c.setFillAlpha(0.5)
    c.rect(232, 668, 16, 4, fill=1, stroke=0)


def written(text: str, x: float, y: float, size: float = 9) -> Callable[[object], None]:
    def draw(c: object) -> None:
        c.setFont("STSong-Light" if text[0] > "z" else "Helvetica", size)
        c.drawString(x, y, text)

    return draw


def retold(c: object) -> None:
    c._code.append("/Span <</ActualText (99)>> BDC")
    written("2", 246, 667)(c)
    c._code.append("EMC")


def small_picture(x: float, y: float) -> Callable[[object], None]:
    def draw(c: object) -> None:
        from PIL import Image, ImageDraw
        from reportlab.lib.utils import ImageReader

        image, out = Image.new("RGB", (20, 24), "white"), io.BytesIO()
        ImageDraw.Draw(image).line([(4, 4), (16, 4), (8, 20)], fill="black", width=3)
        image.save(out, "PNG")
        c.drawImage(ImageReader(out), x, y, 10, 12)

    return draw


def outlined(x: float, y: float) -> Callable[[object], None]:
    def draw(c: object) -> None:
        path = c.beginPath()
        path.moveTo(x, y + 10)
        for dx, dy in ((7, 10), (3, 0), (2, 0), (5, 9), (0, 9)):
            path.lineTo(x + dx, y + dy)
        path.close()
        c.drawPath(path, fill=1, stroke=0)

    return draw


@pytest.mark.parametrize(
    "draw",
    [
        veiled,
        broad_stroke,
        waved,
        curved,
        marked_over,
        written("--", 233, 667, 12),
        written("91", 235, 667),
        written("3", 245, 667, 0.8),
        retold,
        small_picture(246, 665),
        outlined(247, 664),
    ],
)
def test_what_changes_a_figure_without_changing_its_text(draw: Callable[[object], None]) -> None:
    assert on_table(draw)[2] == {"第一乙"}


def under_a_slanting_clip(c: object) -> None:
    path = c.beginPath()
    path.moveTo(182, 642)
    path.lineTo(182, 700)
    path.lineTo(220, 700)
    path.close()
    c.clipPath(path, stroke=0)
    written("7", 203, 645)(c)


@pytest.mark.parametrize(
    "draw", [small_picture(195, 644), outlined(196, 645), written("7", 199, 648, 0.5), under_a_slanting_clip]
)
def test_a_blank_cell_that_shows_more_or_less_than_its_text(draw: Callable[[object], None]) -> None:
    assert on_table(draw)[2] == {"第二甲"}


@pytest.mark.parametrize("kind", ["Line", "PolyLine", "Square"])
def test_shapes_that_each_viewer_draws_itself(kind: str) -> None:
    assert on_table(annotation(kind, 223, 663, 257, 677))[2] == {"第一乙"}


def test_clean_pages_stay_quiet() -> None:
    def decorated(c: object) -> None:
        c.setFillColorRGB(0.8, 0.9, 1)
        c.rect(180, 640, 120, 40, fill=1, stroke=0)
        c.setFillGray(0.9)
        written("样稿", 120, 640, 60)(c)
        c.setFillGray(0)
        table(c, rows=ROWS)
        c.line(100, 700, 180, 680)
        small_picture(500, 800)(c)
        c.circle(450, 760, 20)

    assert judged(typeset(decorated)) == ("22", "", set())


def test_a_seal_that_lets_the_figures_through_is_no_doubt() -> None:
    def seal(c: object) -> None:
        from PIL import Image
        from reportlab.lib.utils import ImageReader

        out = io.BytesIO()
        Image.new("RGBA", (50, 50), (255, 0, 0, 90)).save(out, "PNG")
        c.drawImage(ImageReader(out), 150, 620, 200, 100, mask="auto")

    assert on_table(seal) == ("22", "", set())


def annotation(kind: str, *rect: float) -> Callable[[object], None]:
    def draw(c: object) -> None:
        left, bottom, right, top = rect
        entries = {
            "Type": pdfdoc.PDFName("Annot"),
            "Subtype": pdfdoc.PDFName(kind),
            "Rect": pdfdoc.PDFArray(rect),
            "QuadPoints": pdfdoc.PDFArray([left, top, right, top, left, bottom, right, bottom]),
            "F": 4,
        }
        c._addAnnotation(pdfdoc.PDFDictionary(entries))

    return draw


@pytest.mark.parametrize("kind", ["StrikeOut", "Ink", "Redact", "Stamp"])
def test_marks_of_a_reviewer_over_a_figure_are_doubts(kind: str) -> None:
    assert on_table(annotation(kind, 223, 663, 257, 677))[2] == {"第一乙"}


@pytest.mark.parametrize("kind", ["Highlight", "Underline", "Link", "Popup"])
def test_marks_that_change_nothing_are_none(kind: str) -> None:
    assert on_table(annotation(kind, 223, 663, 257, 677)) == ("22", "", set())


def field(value: str, left: float, bottom: float) -> Callable[[object], None]:
    return lambda c: c.acroForm.textfield(
        name="a", x=left, y=bottom, width=38, height=18, value=value, borderWidth=0, fontSize=9, fillColor=None
    )


def test_a_filled_field_is_what_the_cell_says() -> None:
    assert on_table(field("7", 181, 641)) == ("22", "7", set())
    assert on_table(field("", 221, 661)) == ("22", "", set())
    assert on_table(field("9", 221, 661))[2] == {"第一乙"}


def test_typed_text_without_an_appearance_is_a_doubt() -> None:
    def typed(c: object) -> None:
        c.freeTextAnnotation("7", DA="/Helv 9 Tf", Rect=(182, 642, 218, 658))

    assert on_table(typed)[2] == {"第二甲"}


def layered(content: bytes, form: bytes = b"", *, packed: bool = False) -> bytes:
    """A table of letters and figures with two layers, 7 off and 8 on; `form` is the head of a form that says 7."""
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R/OCProperties<</OCGs[7 0 R 8 0 R]/D<</OFF[7 0 R]>>>>>>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 300]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>"
        b"/Properties<</OFF 7 0 R/ON 8 0 R>>/XObject<</X 6 0 R>>>>>>",
        5: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        7: b"<</Type/OCG/Name(off)>>",
        8: b"<</Type/OCG/Name(on)>>",
    }
    lines = [b"%d 100 m %d 160 l S " % (x, x) for x in (50, 100, 150, 200)]
    lines += [b"50 %d m 200 %d l S " % (y, y) for y in (100, 130, 160)]
    texts = [said(60, 140, b"A"), said(110, 140, b"1"), said(160, 140, b"2"), said(60, 110, b"B"), said(160, 110, b"4")]
    head = b"/Type/XObject/Subtype/Form/BBox[0 0 400 300]/Resources<</Font<</F 5 0 R>>>>" + form
    streams = {4: (b"", b"".join([*lines, *texts, content])), 6: (head, said(110, 110, b"7"))}
    out, offsets = b"%PDF-1.5\n", {}
    packed_ones = list(objects) if packed else []
    for number, text in objects.items():
        if not packed:
            offsets[number] = len(out)
            out += b"%d 0 obj" % number + text + b"endobj\n"
    if packed:
        heads = b"".join(
            b"%d %d " % (n, sum(len(objects[m]) + 1 for m in packed_ones[:k])) for k, n in enumerate(packed_ones)
        )
        body = zlib.compress(heads + b"".join(objects[n] + b" " for n in packed_ones))
        streams[10] = (b"/Type/ObjStm/N %d/First %d/Filter/FlateDecode" % (len(objects), len(heads)), body)
    for number, (entries, body) in streams.items():
        offsets[number] = len(out)
        out += b"%d 0 obj<<%s/Length %d>>stream\n" % (number, entries, len(body)) + body + b"\nendstream endobj\n"
    start = len(out)
    rows = b""
    for number in range(12):
        if number in packed_ones:
            rows += b"\x02" + (10).to_bytes(4, "big") + packed_ones.index(number).to_bytes(2, "big")
        elif number in offsets or number == 11:
            rows += b"\x01" + offsets.get(number, start).to_bytes(4, "big") + b"\0\0"
        else:
            rows += b"\0" * 7
    out += b"11 0 obj<</Type/XRef/Size 12/W[1 4 2]/Root 1 0 R/Length %d>>stream\n" % len(rows) + rows
    return out + b"\nendstream endobj\nstartxref\n%d\n%%%%EOF" % start


def said(x: int, y: int, text: bytes) -> bytes:
    return b"BT /F 9 Tf %d %d Td (%s) Tj ET " % (x, y, text)


SEVEN = said(110, 110, b"7")


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("content", "form", "figure", "doubts"),
    [
        (b"/OC /OFF BDC " + SEVEN + b"EMC ", b"", "", 1),
        (b"/OC /ON BDC " + SEVEN + b"EMC ", b"", "7", 0),
        (b"/X Do ", b"/OC 7 0 R", "", 1),
        (b"/X Do ", b"/OC 8 0 R", "7", 0),
        (SEVEN + b"/OC /OFF BDC " + said(110, 110, b"9") + b"EMC ", b"", "79", 1),
    ],
)
def test_layers_that_are_off(content: bytes, form: bytes, figure: str, doubts: int, packed: bool) -> None:
    (grid,) = grids(read(layered(content, form, packed=packed)))
    assert grid.rows[1][1] == figure
    assert len(grid.doubts) == doubts
