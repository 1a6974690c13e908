"""What figures say, in English and Chinese, and what they call a report."""

from __future__ import annotations

import tomllib
from collections.abc import Hashable, Iterable, Mapping
from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any

from giakit.errors import MissingColumns, UnknownChoice
from giakit.figures.style import check_language

if TYPE_CHECKING:
    import pandas as pd


@cache
def _said() -> dict[str, dict[str, dict[str, str]]]:
    text = files("giakit.figures").joinpath("data", "words.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


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
    if family not in _said():
        raise UnknownChoice("family", family, _said())
    return dict(_said()[family][lang])


def say(lang: str, key: str, **filled: Any) -> str:
    """One sentence of the family ``text``, its gaps filled."""
    return _said()["text"][lang][key].format(**filled)


def count(lang: str, reports: int, requests: float | None = None) -> str:
    """How many reports, and requests in them."""
    told = say(lang, "one_report" if reports == 1 else "reports", n=f"{reports:,}")
    if requests is None:
        return told
    return say(lang, "n_line", requests=say(lang, "requests", n=f"{requests:,.0f}"), reports=told)


def together(lang: str, *parts: str) -> str:
    """Parts of a note, in one line."""
    return say(lang, "between").join(parts)


def called(value: Any, family: str, lang: str) -> str:
    """The words for a code, the code itself where there are none."""
    known = _said()[family][lang] if family in _said() else {}
    return known.get(str(value), str(value))


def in_order(values: Iterable[Any], family: str) -> list[Any]:
    """Distinct values in the order in which the family lists them, others behind, NA left out."""
    import pandas as pd

    found = list(dict.fromkeys(value for value in values if not pd.isna(value)))
    listed = list(_said().get(family, {}).get("en", {}))
    return [value for value in listed if value in found] + [value for value in found if value not in listed]


@cache
def _english() -> dict[str, str]:
    import pandas as pd

    with as_file(files("giakit.figures").joinpath("data", "units.csv")) as path:
        return dict(pd.read_csv(path).itertuples(index=False, name=None))


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
    found = {}
    for name, short, english in zip(table["name"], table["short"], table["english"], strict=True):
        for key in (name, short, english):
            found[str(key)] = (str(short), str(english))
    return found


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
