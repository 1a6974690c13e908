"""Tables of facts that pages include: codebook, measures, crosswalk, breaks, law, identities, limits, sources."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from _pages.writing import code, table, write
from giakit.data import toml
from giakit.documents.limits import DEFAULT_LIMITS
from giakit.forms import breaks, codebook, crosswalk, forms, law, tables
from giakit.metrics.covariates import sources
from giakit.metrics.definitions import Measure, measure, measures

_VERDICTS = {"same": "=", "sum": "Σ", "approximate": "≈", "none": "✕"}
_PAIRS = (("local", "2014"), ("2014", "2019"), ("2019", "2021"))


def make(docs: Path) -> None:
    """Write every table."""
    made = {
        "codebook": _codebook(),
        "glossary": _glossary(),
        "measures": _measures(),
        "terms": _terms(),
        "crosswalk": _crosswalk(),
        "breaks": _breaks(),
        "law": _law(),
        "identities": _identities(),
        "checks": _checks(),
        "limits": _limits(),
        "sources": _sources(),
    }
    for name, text in made.items():
        write(docs / "_generated" / f"{name}.md", text)


def _codebook() -> str:
    """The codebook: a table of rows and one of columns for each statutory table."""
    book = codebook().fillna({"article": "", "kind": "", "unit": "", "aliases": ""})
    checked = set(law().query("checked")[["table", "row"]].itertuples(index=False, name=None))
    parts = []
    for code_, whole in tables().items():
        parts.append(f"## `{code_}` {whole.label}\n\n{whole.gloss}.\n")
        here = book[book["table"] == code_]
        cell = here["row"].notna() | here["column"].notna()
        for kind, lines in (
            ("group", here[~cell & here["group"].notna()]),
            ("row", here[here["row"].notna()]),
            ("column", here[here["column"].notna()]),
        ):
            legal = kind == "row" and lines["kind"].ne("").any()
            head = [kind, "label, and other labels met", "gloss", *(["law"] if legal else []), "forms"]
            rows = [_code_row(line, kind, legal, (code_, line.row) in checked) for line in lines.itertuples()]
            parts.append(table(head, rows))
    return "\n".join(parts)


def _glossary() -> str:
    """Every code with its Chinese label and English gloss, short enough to print: two pages of A4."""
    book = codebook()
    parts = []
    for code_, whole in tables().items():
        here = book[(book["table"] == code_) & (book["row"].notna() | book["column"].notna())]
        rows = [
            [f"`{line.column if line.row != line.row else line.row}`", line.label, line.gloss, line.forms]
            for line in here.itertuples()
        ]
        parts.append(f"## {whole.label} `{code_}`\n\n{table(['code', '中文', 'English', 'forms'], rows)}")
    return "\n".join(parts)


def _code_row(line: Any, kind: str, legal: bool, checked: bool) -> list[str]:
    aliases = f"<br><small>{'；'.join(line.aliases.split('|'))}</small>" if line.aliases else ""
    ground = ", ".join(
        part
        for part in (f"art. {line.article}" if line.article and checked else "", line.kind.replace("_", " "))
        if part
    )
    unit = f" ({line.unit})" if line.unit else ""
    return [
        f"`{getattr(line, kind)}`",
        f"{line.label}{aliases}",
        f"{line.gloss}{unit}",
        *([ground] if legal else []),
        line.forms,
    ]


def _measures() -> str:
    """Each measure with its denominators, the default first."""
    rows = []
    for name, listed in measures().groupby("measure", sort=False):
        first = listed.iloc[0]
        found = measure(str(name))
        over = "; ".join(
            _denominator(found, line.denominator) + (" (ratio)" if line.kind == "ratio" else "")
            for line in listed.itertuples()
        )
        per = "" if first["per"] == 1 else f" × {first['per']:,}"
        rows.append([f"`{name}`<br>{first['label']}", f"`{found.numerator}`{per}", over])
    return table(["measure", "numerator", "denominators"], rows)


def _denominator(found: Measure, name: str) -> str:
    means = found.names.get(name, name)
    return f"`{name}`" if means == name else f"`{name}` = `{means}`"


def _terms() -> str:
    """The names that stand for sums of rows."""
    rows = [
        [f"`{name}`", " ".join(map(_signed, listed)).removeprefix("+ ")]
        for name, listed in toml("metrics", "denominators.toml")["terms"].items()
    ]
    return table(["name", "sum of"], rows)


def _signed(entry: str) -> str:
    return f"- `{entry[1:]}`" if entry.startswith("-") else f"+ `{entry.removeprefix('+')}`"


def _crosswalk() -> str:
    """Every item with the verdict between neighbouring forms; statistics that end in 2018 are left to the function."""
    frame = crosswalk()
    followed = frame[frame["topic"] != "statistics"]
    parts = []
    for topic, listed in followed.groupby("topic", sort=False):
        rows = []
        for item, lines in listed.groupby("item", sort=False):
            by_pair = {(line.older, line.newer): line for line in lines.itertuples()}
            found = [by_pair[pair] for pair in _PAIRS]
            told = dict.fromkeys(line.why for line in found if line.why)
            why = "; ".join([line for line in told if not line.startswith("the form ")] or told)
            rows.append([f"`{item}`", *(_VERDICTS[line.verdict] for line in found), why])
        parts.append(
            f"### `{topic}`\n\n{table(['item', *(f'{older} → {newer}' for older, newer in _PAIRS), 'why'], rows)}"
        )
    return "\n".join(parts)


def _breaks() -> str:
    rows = [
        [_date(line.date), str(line.report_year), str(line.kind), f"**{line.label}.** {line.what}", str(line.document)]
        for line in breaks().itertuples()
    ]
    return table(["date", "first report", "kind", "what changed", "document"], rows)


def _date(value: object) -> str:
    """A date that a narrow column does not break."""
    return str(value).replace("-", "\N{NON-BREAKING HYPHEN}")


def _law() -> str:
    """Rows of the requests table with article and kind; an article that was not compared with the text is left out."""
    frame = law()
    frame = frame[frame["table"] == "requests"]
    rows = [
        [
            f"`{line.row}`",
            str(line.article) if line.checked else "",
            str(line.kind).replace("_", " "),
            str(line.content),
        ]
        for line in frame.itertuples()
    ]
    return table(["row", "article", "kind", "content"], rows)


def _identities() -> str:
    rows: dict[str, list[str]] = {}
    for form in forms().values():
        for identity in form.identities:
            place = "each column" if identity.axis == "column" else "each row"
            line = rows.setdefault(
                identity.id, [f"`{identity.id}`", identity.gloss, f"`{identity.table}`, {place}", ""]
            )
            line[3] = code(*(name for name in forms() if name in identity.forms))
    return table(["name", "what is equal", "where", "forms"], rows.values())


def _checks() -> str:
    """Every check beside the identities, with what it asks."""
    rows = [[f"`{_whole(entry['name'])}`", entry["asks"]] for entry in toml("share", "checks.toml")["checks"]]
    return table(["check", "what it asks, or says"], rows)


def _whole(name: str) -> str:
    """A name that stands for all that begin with it ends in an ellipsis."""
    return f"{name}…" if name.endswith((":", "_")) else name


def _limits() -> str:
    """What one file may cost, with the words of the class's own docstring."""
    said = _parameters(type(DEFAULT_LIMITS).__doc__ or "")
    rows = [
        [f"`{field.name}`", f"{getattr(DEFAULT_LIMITS, field.name):,.0f}", said[field.name]]
        for field in dataclasses.fields(DEFAULT_LIMITS)
    ]
    return table(["limit", "default", "what it bounds"], rows)


def _parameters(docstring: str) -> dict[str, str]:
    """Parameters of a docstring in numpydoc's style, with what is said of each."""
    found: dict[str, str] = {}
    name = ""
    for line in docstring.splitlines():
        text = line.strip()
        if " : " in text:
            name = text.partition(" : ")[0]
            found[name] = ""
        elif name and text and not text.endswith("---"):
            found[name] = f"{found[name]} {text}".strip()
        elif not text:
            name = ""
    return found


def _sources() -> str:
    rows = [
        [f"`{line.source}`", str(line.title), str(line.publisher), _date(line.date)] for line in sources().itertuples()
    ]
    return table(["source", "title", "publisher", "date"], rows)
