"""Which documents the fidelity benchmark typesets: every quirk alone, usual company of quirks, no reports."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from typeset import Typeset, negative, negatives, quirks, random_figures, typeset

YEARS = {
    "2021": (2021, 2022, 2023, 2024),
    "2019": (2019, 2020),
    "2014": (2014, 2016, 2018),
    "local": (2009, 2011, 2013),
}
UNITS = (
    "某县人民政府", "某县商务局", "某市教育局", "某区住房和城乡建设局", "某市统计局", "某自治县水利局", "某镇人民政府",
)  # fmt: skip
PLAIN = ("html", "text", "markdown", "docx", "xlsx", "xls", "mht")
SLOW = ("pdf", "png")
COMPANY: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("html", "2021", ("word_markup", "blank_nbsp", "site_chrome")),
    ("html", "2021", ("paragraphs_in_cells", "header_breaks", "blank_slash", "gb18030_as_gb2312")),
    ("html", "2021", ("layout_tables", "metadata_table", "thousands_separators")),
    ("html", "2021", ("page_split_headers", "word_markup", "last_year_prose")),
    ("html", "2021", ("page_split_label", "spaced_labels", "hidden_tables")),
    ("html", "2021", ("line_tables", "word_markup", "blank_dash")),
    ("html", "2021", ("div_tables", "site_chrome", "vertical_headers")),
    ("html", "2021", ("spans_empty", "label_typo", "numbering_restarts")),
    ("html", "2021", ("labels_flattened", "counting_words", "last_year_annex")),
    ("html", "2021", ("transposed", "blank_nothing", "header_breaks")),
    ("html", "2021", ("wrong_cell", "word_markup")),
    ("html", "2021", ("subtotal_rows", "subtotal_column", "local_rows", "caption_rows")),
    ("html", "2021", ("traditional", "ruby_pinyin", "other_numbering")),
    ("html", "2021", ("script_string", "word_markup")),
    ("html", "2021", ("unclosed_tags", "shouting_tags", "utf16")),
    ("html", "2019", ("word_markup", "spelled_changes", "yuan_amounts", "site_chrome")),
    ("html", "2019", ("blank_row_totals", "blank_nbsp", "paragraphs_in_cells", "header_breaks")),
    ("html", "2019", ("spans_repeated", "last_year_before", "full_width_digits")),
    ("html", "2014", ("word_markup", "blank_nothing", "undeclared")),
    ("html", "local", ("paragraphs_in_cells", "traditional", "spacer_cells")),
    ("text", "2021", ("text_spaces", "text_site_menu", "text_hard_wrapped")),
    ("text", "2021", ("text_run_together", "text_site_menu")),
    ("text", "2019", ("text_run_together", "numbering_restarts")),
    ("text", "2021", ("text_cell_lines", "blank_dash", "gb18030_text")),
    ("text", "2021", ("text_pipes", "page_split", "wrong_cell")),
    ("text", "2021", ("text_torn_labels", "numbering_restarts", "text_hard_wrapped")),
    ("text", "2021", ("text_trailing_pipes", "spans_repeated", "utf8_bom", "windows_lines")),
    ("text", "2021", ("traditional", "pinyin_noise", "text_spaces")),
    ("docx", "2021", ("page_split_label", "blank_nothing", "text_boxes")),
    ("docx", "2021", ("tracked_changes", "local_rows", "metadata_table")),
    ("docx", "2019", ("nested_tables", "vertical_headers", "spelled_changes")),
    ("xlsx", "2021", ("sheet_a_table", "numbers_as_text", "hidden_sheet")),
    ("xlsx", "2019", ("caption_rows", "spacer_cells", "thousands_separators")),
    ("mht", "2021", ("word_markup", "commented_tables", "site_chrome")),
)  # fmt: skip
PAGES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("pdf", "2021", ()), ("pdf", "2019", ()), ("pdf", "2014", ()), ("pdf", "local", ()),
    ("pdf", "2021", ("no_lines",)), ("pdf", "2021", ("small_pages",)), ("pdf", "2021", ("landscape", "blank_nothing")),
    ("pdf", "2021", ("rotated_headers",)), ("pdf", "2021", ("wrapped_numbers",)), ("pdf", "2021", ("vertical_headers",)),
    ("pdf", "2021", ("page_split_label",)), ("pdf", "2021", ("spans_empty",)), ("pdf", "2021", ("last_year_annex",)),
    ("pdf", "2019", ("small_pages", "spelled_changes")), ("pdf", "2021", ("wrong_cell",)), ("pdf", "2021", ("empty_form",)),
)  # fmt: skip
SCANS: tuple[tuple[str, str, tuple[str, ...]], ...] = (("png", "2021", ("clean_scan",)), ("png", "2021", ()))


FAMILIES: tuple[frozenset[str], ...] = (
    frozenset(name for name in quirks() if name.startswith("blank_")) | {"empty_form", "merged_zero"},
    frozenset(name for name in quirks() if name.startswith("text_")) - {"text_site_menu", "text_hard_wrapped"},
    frozenset({"wrong_cell", "two_wrong_cells", "shifted_row", "wrong_remedy_total", "empty_form", "blank_row_totals"}),
    frozenset({"only_prose", "see_attachment", "image_tables", "empty_form"}),
    frozenset({"div_tables", "list_tables", "line_tables", "spans_too_small", "spans_too_large"}),
    frozenset({"labels_flattened", "labels_dashed", "groups_missing", "labels_lost", "label_torn"}),
    frozenset({"page_split", "page_split_headers", "page_split_label", "page_split_row", "transposed"}),
    frozenset({"two_years", "two_agencies", "last_year_before", "last_year_annex"}),
    frozenset({"counting_words", "notes_in_cells", "thousands_separators", "full_width_digits", "note_marks"}),
    frozenset({"script_string", "json_answer", "utf16", "utf8_bom", "undeclared"})
    | {name for name in quirks() if "gb18030" in name or "gb2312" in name},
)
"""Quirks of a family are not put together: one would undo the other, or leave nothing to read."""
NEVER_TOGETHER = ("text_run_together", "text_torn_labels", "wrapped_numbers", "wrong_extension")
"""Quirks whose truth holds only for the plain layout."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document of the benchmark."""

    name: str
    data: bytes
    truth: dict[str, object]
    composed: bool = False


def layouts(*, pages: bool = True, scans: bool = False) -> list[tuple[str, str, tuple[str, ...]]]:
    """Format, form and quirks of every typeset document."""
    plan: list[tuple[str, str, tuple[str, ...]]] = []
    for format in PLAIN:
        plan += [(format, form, ()) for form in YEARS]
    for position, (name, quirk) in enumerate(quirks().items()):
        formats = [format for format in quirk.formats if format not in SLOW]
        for turn, format in enumerate(dict.fromkeys((*formats[:1], *formats[position % max(1, len(formats)) :][:1]))):
            plan.append((format, quirk.forms[(position * turn) % len(quirk.forms)], (name,)))
    plan += COMPANY
    return plan + list(PAGES if pages else ()) + list(SCANS if scans else ())


def compositions(count: int, seed: int) -> list[tuple[str, str, tuple[str, ...]]]:
    """Layouts that nobody chose: two to five quirks that can stand together, drawn anew for every seed."""
    draw = random.Random(f"compositions:{seed}")
    plan = []
    for _ in range(count):
        format = draw.choice(("html", "html", "html", "text", "text", "docx", "xlsx", "mht", "markdown"))
        form = draw.choice(("2021", "2021", "2021", "2019", "2019", "2014", "local"))
        fit = [name for name, quirk in quirks().items() if quirk.fits(format, form) and name not in NEVER_TOGETHER]
        draw.shuffle(fit)
        names: list[str] = []
        for name in fit:
            if not any(name in family and family & set(names) for family in FAMILIES):
                names.append(name)
            if len(names) == 5:
                break
        plan.append((format, form, tuple(names[: draw.randint(2, 5)])))
    return plan


def documents(
    *, only: str | None = None, pages: bool = True, scans: bool = False, composed: int = 80, seed: int = 0
) -> Iterator[Document]:
    """The documents one after the other; `only` keeps those with one quirk (or kind of no report)."""
    plan = [*layouts(pages=pages, scans=scans), *compositions(composed, seed)]
    for position, (format, form, names) in enumerate(plan):
        if only and only not in names:
            continue
        made = _typeset(format, form, names, f"{seed}:{position}", position)
        name = f"{position:03d}_{made.name}"
        yield Document(name, made.data, {**made.truth, "file": name}, position >= len(plan) - composed)
    for kind in negatives():
        if not only or only == kind:
            data, name, truth = negative(kind, seed=seed)
            yield Document(name, data, truth)


def _typeset(format: str, form: str, names: tuple[str, ...], seed: str, position: int) -> Typeset:
    years = YEARS[form]
    return typeset(
        random_figures(seed, form=form),
        unit=UNITS[position % len(UNITS)],
        year=years[position % len(years)],
        form=form,
        format=format,
        quirks=names,
        seed=seed,
    )
