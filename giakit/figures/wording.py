"""What figures say, in English and Chinese, and what they call a report."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import cache
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from giakit import data as files
from giakit.errors import MissingColumns, UnknownChoice
from giakit.figures.style import check_language

if TYPE_CHECKING:
    import pandas as pd


def _families() -> dict[str, dict[str, dict[str, str]]]:
    return files.toml("figures", "words.toml")


def words(family: str, lang: str = "en") -> dict[str, str]:
    """The words for the codes of a family.

    Parameters
    ----------
    family : str
        ``outcome``, ``applicant``, ``denominator``, ``tier``, ``stage``, ``text`` …
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    dict
        Code to words.

    Raises
    ------
    UnknownChoice
        If there is no such family or language.

    Examples
    --------
    >>> words("outcome")["denied"], words("outcome", "zh")["denied"]
    ('Refused', '不予公开')
    """
    check_language(lang)
    if family not in _families():
        raise UnknownChoice("family", family, _families())
    return dict(_families()[family][lang])


def say(lang: str, key: str, **filled: Any) -> str:
    """One sentence of the family ``text``, its gaps filled."""
    return _families()["text"][lang][key].format(**filled)


def count(lang: str, reports: int, requests: float | None = None) -> str:
    """How many reports, and requests in them."""
    counted = say(lang, "one_report" if reports == 1 else "reports", n=f"{reports:,}")
    if requests is None:
        return counted
    return say(lang, "n_line", requests=say(lang, "requests", n=f"{requests:,.0f}"), reports=counted)


def called(value: Any, family: str, lang: str) -> str:
    """The words for a code; a code without any is written as words, never raw."""
    import pandas as pd

    if pd.isna(value):
        return say(lang, "not_known")
    if family == "province":
        return province_name(value, lang) or str(value)
    area = _policy_areas().get(str(value)) if family == "policy_area" else None
    known = _families()[family][lang] if family in _families() else {}
    return area[lang == "zh"] if area else known.get(str(value), str(value).replace("_", " "))


@cache
def _policy_areas() -> dict[str, tuple[str, str]]:
    from giakit.places import policy_areas

    table = policy_areas()
    return dict(zip(table["policy_area"], zip(table["english"], table["chinese"], strict=True), strict=True))


def in_order(values: Iterable[Any], family: str) -> list[Any]:
    """Distinct values in the order in which the family lists them, others behind, NA left out."""
    import pandas as pd

    distinct = list(dict.fromkeys(value for value in values if not pd.isna(value)))
    listed = list(_families().get(family, {}).get("en", {}))
    others = [value for value in distinct if value not in listed]
    if all(isinstance(value, int | float) for value in others):
        others = sorted(others)
    return [value for value in listed if value in distinct] + others


def sentences(parts: Sequence[str], lang: str) -> str:
    """Parts of a caption as sentences."""
    end = "。" if lang == "zh" else "."
    kept = [part.replace("\n", " ").strip().rstrip(".。") for part in parts if part and part.strip()]
    capital = [part[0].upper() + part[1:] if lang == "en" else part for part in kept]
    return (end if lang == "zh" else ". ").join(capital) + (end if capital else "")


def interval_name(data: pd.DataFrame, lang: str) -> str:
    """What the intervals of a frame are called, by their methods: Wilson, clustered, credible."""
    if "method" not in data.columns:
        return ""
    known = words("interval", lang)
    names = []
    for method in dict.fromkeys(data["method"].dropna().astype(str)):
        code = next((code for code in known if code in method.lower()), None)
        names.append(known[code] if code else method)
    return say(lang, "and").join(dict.fromkeys(names))


def described(figure: str, data: pd.DataFrame, title: str, lang: str) -> str:
    """A sentence for those who cannot see a figure: what it is, how many rows, from where to where its values go."""
    kind = words("kind", lang).get(figure, say(lang, "figure"))
    title = title.replace("\n", " ")
    columns = (
        "rate",
        "share",
        "per_report",
        "estimate",
        "difference",
        "shrunken",
        "value",
        "count",
        "reports",
        "verdicts",
    )
    named = next((name for name in columns if name in data.columns and data[name].notna().any()), None)
    if named is None:
        return say(lang, "alt", kind=kind, title=title, n=f"{len(data):,}")
    low, high = (f"{float(bound):,.4g}" for bound in (data[named].min(), data[named].max()))
    return say(lang, "alt_values", kind=kind, title=title, n=f"{len(data):,}", low=low, high=high)


def wrapped(line: str, share: float) -> list[str]:
    """A line broken into lines of at most such a share of its length; Chinese may break anywhere."""
    weights = [2 if ord(letter) > 0x2E7F else 1 for letter in line]
    chinese = sum(weight == 2 for weight in weights) > len(line) / 3
    letters = max(int(len(line) * share * 0.97), 2 if chinese else 4)
    return wrap(line, letters, break_long_words=chinese, break_on_hyphens=True) or [line]


@cache
def _english() -> dict[str, str]:
    return {row["unit"]: row["english"] for row in files.rows("figures", "units.csv")}


def report_names(frame: pd.DataFrame, *, lang: str = "en", year: bool = True) -> pd.Series:
    """What a figure calls each report.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report, with ``unit``; ``place_code``, ``province`` and ``year`` where known.
    lang : {"en", "zh"}
        ``zh`` takes the unit as printed. ``en`` takes an English name if giakit has one, else the province and
        the code of the place: English figures need no font with Chinese characters.
    year : bool
        Whether the year stands behind the name.

    Returns
    -------
    pandas.Series
        Text, on the index of `frame`.

    Raises
    ------
    MissingColumns
        If the frame has no ``unit``.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"unit": ["淮安市人民政府", "某某局"], "place_code": ["320800", "411303"],
    ...     "province": ["江苏省", "河南省"], "year": [2024, 2023]})
    >>> report_names(frame).tolist()
    ["Huai'an 2024", 'Henan 411303 2023']
    """
    check_language(lang)
    import pandas as pd

    if "unit" not in frame.columns:
        raise MissingColumns("report_names", ["unit"])
    names = [_name(row, lang) for row in frame.to_dict("records")]
    if year and "year" in frame.columns:
        years = ["" if pd.isna(value) else f" {int(value)}" for value in frame["year"]]
        names = [name + when for name, when in zip(names, years, strict=True)]
    return pd.Series(names, index=frame.index, dtype="str")


def _name(row: Mapping[Hashable, Any], lang: str) -> str:
    import pandas as pd

    unit = row["unit"]
    if lang == "zh":
        return "？" if pd.isna(unit) else str(unit)
    if not pd.isna(unit) and (str(unit) in _english() or str(unit).isascii()):
        return _english().get(str(unit), str(unit))
    parts = [province_name(row.get("province"), "en"), row.get("place_code")]
    return " ".join(str(part) for part in parts if not pd.isna(part)) or "unit not resolved"


@cache
def _provinces() -> dict[str, tuple[str, str]]:
    from giakit.places import provinces

    table = provinces()
    named = list(zip(table["short"], table["english"], strict=True))
    return {
        str(key): pair
        for column in ("name", "short", "english")
        for key, pair in zip(table[column], named, strict=True)
    }


def province_name(value: Any, lang: str) -> Any:
    """A province by its short Chinese or its English name; what is no province stays.

    Parameters
    ----------
    value : object
        A province by its official, short or English name; or anything else, as it stands on an axis.
    lang : {"en", "zh"}
        Language of the figure.

    Returns
    -------
    object
        The name; None for Chinese text that is no province where the figure is in English.

    Examples
    --------
    >>> province_name("江苏省", "zh"), province_name("江苏省", "en"), province_name(2024, "en")
    ('江苏', 'Jiangsu', 2024)
    """
    both = _provinces().get(str(value))
    if both is None:
        return value if lang == "zh" or str(value).isascii() else None
    return both[0 if lang == "zh" else 1]
