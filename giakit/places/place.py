"""The answer of the resolver."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

from giakit.places.gazetteer import spell


@dataclass(frozen=True, slots=True)
class Place:
    """What an agency's name says about its place, tier, kind and subject.

    Attributes
    ----------
    given : str
        The name as it was given.
    code : str or None
        Six-digit code of the division; a department or township has that of its division. None where undecided,
        and for areas without a code of their own.
    candidates : list of str
        Codes that the name can mean; one where resolved, several where ambiguous, none where nothing is known.
    within : str or None
        Where `code` is None: code of the smallest division that surely contains the place.
    tier : str or None
        Tier of the government the organ belongs to: province, prefecture, county, township.
    organ_kind : str or None
        government, general_office, department, subdistrict, township, vertical_system,
        functional_area_committee, party, court, procuratorate, congress, consultative_conference,
        public_institution, central.
    policy_area : str or None
        Id of the policy function (see :func:`giakit.places.policy_areas`).
    why : str
        The evidence, or what is missing.
    name, province, prefecture, county : str or None
        Name of the place, and the names of the divisions on the path to it.
    organ : str
        The part of the name that stands for the organ.
    area : str or None
        Name of the functional area, if the place is one.
    year : int or None
        The year for which the name was read.
    """

    given: str
    code: str | None
    candidates: list[str] = field(hash=False)
    within: str | None
    tier: str | None
    organ_kind: str | None
    policy_area: str | None
    why: str
    name: str | None = None
    province: str | None = None
    prefecture: str | None = None
    county: str | None = None
    organ: str = ""
    area: str | None = None
    year: int | None = None

    @property
    def resolved(self) -> bool:
        """Whether the place is known: by its own code, or as an area within a division."""
        return self.code is not None or (self.area is not None and self.within is not None)

    def _rows(self) -> list[tuple[str, str]]:
        names = []
        for code in self.candidates:
            division = spell(code, self.year)
            above = [division.province, division.prefecture, division.name] if division else []
            names.append(f"{code} {' '.join(dict.fromkeys(filter(None, above)))}".strip())
        path = " › ".join(filter(None, (self.province, self.prefecture, self.county, self.area)))
        rows = [
            ("name", self.given),
            ("code", self.code or "undecided"),
            ("place", path),
            ("within", self.within or ""),
            ("tier", self.tier or ""),
            ("organ", " · ".join(filter(None, (self.organ_kind, self.policy_area)))),
            ("candidates", "; ".join(names) if len(names) != 1 or self.code is None else ""),
            ("why", self.why),
        ]
        return [(label, value) for label, value in rows if value]

    def __str__(self) -> str:
        return "\n".join(f"{label:<10} {value}" for label, value in self._rows())

    def _repr_html_(self) -> str:
        cells = "".join(f"<tr><th>{label}</th><td>{escape(value)}</td></tr>" for label, value in self._rows())
        return f"<table>{cells}</table>"
