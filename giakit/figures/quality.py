"""Whether the numbers can be trusted: who is missing, what cells hold, which identities fail, what is late, copied or rounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from giakit import metrics
from giakit.checks import digits_study
from giakit.errors import InvalidStudy
from giakit.figures.canvas import FEW, ROUND_THE_POINT, Canvas, number
from giakit.figures.chart import drawing, twin
from giakit.figures.drawings import bars, dots, grid_below, heat, interval_rows, pairs, values_of
from giakit.figures.drawings import cells as table_of
from giakit.figures.style import SMALLEST, colour, ink_of, palette
from giakit.figures.wording import called, in_order
from giakit.metrics.counts import require
from giakit.places import deadline

STEPS = ("expected", "found", "read", "clean")
STATUSES = ("pass", "uncertain", "fail", "not_assessable")
STATES = ("positive", "zero", "blank", "undecided", "absent", "no_report")
#: Days beyond which a publication stands at the edge.
DAYS = 120


@twin
def coverage_data(table: pd.DataFrame, *, rows: str = "province", columns: str = "year") -> pd.DataFrame:
    """Expected and read reports by place and year, added up from a table of coverage.

    Parameters
    ----------
    table : pandas.DataFrame
        What :func:`giakit.checks.coverage.coverage` gives: groups, ``expected, found, read, clean``.
    rows, columns : str
        Its columns to lay out.

    Returns
    -------
    pandas.DataFrame
        One row a cell: `rows`, `columns`, ``expected, found, read, clean`` (Int64), ``share_read`` (Float64).

    Examples
    --------
    >>> table = pd.DataFrame({"province": ["x", "x"], "year": 2023, "tier": ["a", "b"], "expected": [4, 6],
    ...     "found": [4, 5], "read": [3, 5], "clean": [3, 4]})
    >>> coverage_data(table)[["expected", "read", "share_read"]].values.tolist()
    [[10, 8, 0.8]]
    """
    require(table, [rows, columns, *STEPS], "coverage")
    data = table.groupby([rows, columns], dropna=False, sort=True)[list(STEPS)].sum(min_count=1).reset_index()
    data = data.astype(dict.fromkeys(STEPS, "Int64"))
    return data.assign(share_read=(data["read"] / data["expected"].where(data["expected"] > 0)).astype("Float64"))


@drawing(coverage_data, n="n_reports", height=lambda data: 1.1 + 0.165 * data.iloc[:, 0].nunique())
def coverage(canvas: Canvas, data: pd.DataFrame, *, rows: str, columns: str) -> list[str]:
    """Draw the share of expected reports that were read, by place and year.

    A heat map, the least covered rows at the bottom; in each cell the share read in per cent.
    """
    totals = data.groupby(rows)[["expected", "read"]].sum()
    order = (totals["read"] / totals["expected"]).astype("float64").sort_values(ascending=False, kind="stable").index
    shares = data.pivot(index=rows, columns=columns, values="share_read").astype("float64").loc[order]
    values = shares.to_numpy()
    known = values[np.isfinite(values)]
    lowest = min(0.5, float(np.floor(known.min() * 10) / 10)) if len(known) else 0.0
    heat(
        canvas, values, limits=(lowest, 1.0), top=False, columns=[str(name) for name in shares.columns],
        texts=[["" if np.isnan(value) else f"{value * 100:.0f}" for value in line] for line in values],
        rows=[f"{canvas.name(place, rows, at)} ({int(totals.loc[place, 'expected']):,})" for at, place in enumerate(order)],
        bar=(canvas.say("share_read"), {share: f"{share * 100:.0f}%" for share in (lowest, (1 + lowest) / 2, 1.0)}),
    )  # fmt: skip
    expected, read = (f"{int(data[name].sum()):,}" for name in ("expected", "read"))
    return [canvas.say("coverage_note", expected=expected, read=read)]


@twin
def barcode_data(
    reports: pd.DataFrame, cells: pd.DataFrame, *, table: str = "requests", row: str = "new", column: str = "total",
    unit: str = "agency_id", years: Sequence[int] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """What one cell of the form holds in every agency and year: a number, a zero, a blank, or nothing at all.

    Parameters
    ----------
    reports : pandas.DataFrame
        ``panel.reports``: ``report_id, unit, year`` and the column `unit`.
    cells : pandas.DataFrame
        ``panel.cells``: ``report_id, table, row, column, value, state``.
    table, row, column : str
        The cell.
    unit : str
        Column that names the agency; where it is missing, the printed ``unit`` stands in.
    years : sequence of int, optional
        Years; by default all from the first to the last report.

    Returns
    -------
    pandas.DataFrame
        One row an agency and year: ``agency`` (str), ``year`` (Int64), ``state`` (str: ``positive, zero, blank, undecided,
        absent, no_report``), ``value`` (Float64); agencies by their number of reports, most first.

    Examples
    --------
    >>> reports = pd.DataFrame({"report_id": ["r"], "unit": "a", "agency_id": "a", "year": [2022]})
    >>> cells = pd.DataFrame({"report_id": ["r"], "table": "requests", "row": "new", "column": "total", "value": [0.0],
    ...     "state": "reported"})
    >>> barcode_data(reports, cells, years=[2022, 2023])["state"].tolist()
    ['zero', 'no_report']
    """
    require(reports, ["report_id", "unit", "year"], "barcode")
    require(cells, ["report_id", "table", "row", "column", "value", "state"], "barcode")
    named = reports[unit].fillna(reports["unit"]) if unit in reports.columns else reports["unit"]
    known = reports.assign(agency=named.astype("str"))[named.notna() & reports["year"].notna()]
    asked = cells[(cells["table"] == table) & (cells["row"] == row) & (cells["column"] == column)]
    counted = (asked["value"].fillna(0) > 0).map({True: "positive", False: "zero"}).astype("str")
    states = asked["state"].astype("str").where(asked["state"] != "reported", counted)
    held = asked.assign(state=states)[["report_id", "state", "value"]].drop_duplicates("report_id")
    joined = known[["report_id", "agency", "year"]].merge(held, on="report_id", how="left").fillna({"state": "absent"})
    # Several reports of one agency and year (scopes, versions): what holds most is drawn.
    joined["rank"] = joined["state"].map({state: place for place, state in enumerate(STATES)}).fillna(len(STATES))
    best = joined.sort_values(["rank", "report_id"], kind="stable").drop_duplicates(["agency", "year"])
    seen = [int(year) for year in known["year"]]
    listed = list(years) if years is not None else list(range(min(seen), max(seen) + 1)) if seen else []
    numbers = best.groupby("agency").size().rename("reports").reset_index()
    order = numbers.sort_values(["reports", "agency"], ascending=[False, True], kind="stable")["agency"]
    types = {"agency": "str", "year": "Int64"}
    grid = pd.MultiIndex.from_product([order, listed], names=["agency", "year"]).to_frame(index=False).astype(types)
    data = grid.merge(best[["agency", "year", "state", "value"]].astype(types), on=["agency", "year"], how="left")
    return data.fillna({"state": "no_report"}).astype({"state": "str", "value": "Float64"})


@drawing(barcode_data, n="n_agency_years", height=lambda data: min(1.2 + 0.13 * data["agency"].nunique(), 8.0))
def barcode(canvas: Canvas, data: pd.DataFrame, *, row: str) -> list[str]:
    """Draw what one cell of the form holds in every agency and year: above zero, zero, blank, undecided, absent, no report.

    One row an agency, one column a year; the number of each state stands beside its name; `labels` maps agencies to names.
    """
    agencies, years = list(dict.fromkeys(data["agency"])), sorted(data["year"].unique())
    shades = {state: canvas.shade(state, str(palette()["states"][state])) for state in STATES}
    table_of(
        canvas, data["state"].map(shades).to_numpy().reshape(len(agencies), len(years)), rows=canvas.names(agencies, "unit"),
        columns=[str(year) for year in years], edge=colour("band", "roles"), top=False, wide=False,
    )  # fmt: skip
    canvas.ax.spines[:].set_visible(True)
    canvas.ax.spines[:].set_color(colour("faint", "roles"))
    counts = data["state"].value_counts()
    there = [state for state in STATES if counts.get(state)]
    canvas.key([(f"{canvas.name(state, 'state')} {int(counts[state]):,}", ink_of(state, "states")) for state in there])
    family = "flow" if row in ("new", "carried_in", "carried_out") else "outcome"
    return [canvas.say("barcode_note", n=f"{len(agencies):,}", row=called(row, family, canvas.lang))]


@twin
def check_outcomes_data(checks: pd.DataFrame, *, order: list[str] | None = None) -> pd.DataFrame:
    """Outcomes of each family of checks.

    Parameters
    ----------
    checks : pandas.DataFrame
        ``panel.checks``: ``check, status``.
    order : list of str, optional
        Checks, in order.

    Returns
    -------
    pandas.DataFrame
        One row a check and outcome: ``check, status`` (str), ``verdicts, of_check`` (Int64), ``share`` (Float64).

    Examples
    --------
    >>> checks = pd.DataFrame({"check": ["H1", "H1"], "status": ["pass", "fail"]})
    >>> check_outcomes_data(checks)["share"].tolist()
    [0.5, 0.5]
    """
    require(checks, ["check", "status"], "check_outcomes")
    data = checks[checks["status"] != "note"].groupby(["check", "status"]).size().rename("verdicts").reset_index()
    data["of_check"] = data.groupby("check")["verdicts"].transform("sum")
    data["share"] = (data["verdicts"] / data["of_check"]).astype("Float64")
    data = data.astype({"check": "str", "status": "str", "verdicts": "Int64", "of_check": "Int64"})
    if order is not None:
        known = set(data["check"])
        data = data.set_index("check").loc[[name for name in order if name in known]].reset_index()
    return data[["check", "status", "verdicts", "of_check", "share"]]


@drawing(check_outcomes_data, n="n_verdicts", height=lambda data: 1.3 + 0.24 * data["check"].nunique())
def check_outcomes(canvas: Canvas, data: pd.DataFrame) -> list[str]:
    """Draw the outcomes of each family of checks as bars of 100 per cent."""
    names = list(dict.fromkeys(data["check"]))
    laid: Any = data.pivot(index="check", columns="status").loc[names]
    bars(
        canvas, laid["share"].reindex(columns=STATUSES), n=data.drop_duplicates("check")["of_check"].tolist(),
        shade=lambda status: canvas.shade(status, colour(status, "statuses")),
        text=lambda name, status: f"{int(laid.loc[name, ('verdicts', status)]):,}",
    )  # fmt: skip
    canvas.key([(canvas.name(status, "status"), ink_of(status, "statuses")) for status in STATUSES])
    canvas.row_names(canvas.names(names, "check"))
    return [canvas.say("checks_note", n=f"{int(data['verdicts'].sum()):,}")]


@twin
def identity_failures_data(checks: pd.DataFrame, reports: pd.DataFrame, *, by: str = "tier") -> pd.DataFrame:
    """Share of reports in which a check fails, or is doubtful, by level and check: identities and soft rules.

    Parameters
    ----------
    checks : pandas.DataFrame
        ``panel.checks``: ``report_id, check, status``.
    reports : pandas.DataFrame
        ``report_id`` and the column `by`.
    by : str
        Column of the levels.

    Returns
    -------
    pandas.DataFrame
        One row a check and level: ``check``, `by` (str), ``failing, uncertain, assessed`` (Int64: reports), ``share, low,
        high`` (Float64: failing of assessed, Wilson), ``method``.

    Examples
    --------
    >>> checks = pd.DataFrame({"report_id": ["r", "s"], "check": "H1", "status": ["fail", "pass"]})
    >>> reports = pd.DataFrame({"report_id": ["r", "s"], "tier": "county"})
    >>> identity_failures_data(checks, reports)[["failing", "assessed", "share"]].values.tolist()
    [[1, 2, 0.5]]
    """
    require(checks, ["report_id", "check", "status"], "identity_failures")
    require(reports, ["report_id", by], "identity_failures")
    levels = dict(zip(reports["report_id"], reports[by], strict=True))
    family = checks["check"].astype("str").str.extract(r"^([A-Z]\d|[a-z_]+)", expand=False).fillna(checks["check"])
    known = checks.assign(check=family, level=checks["report_id"].map(levels))
    known = known[known["status"].isin(["pass", "fail", "uncertain"]) & known["level"].notna()]
    marks = {"failing": known["status"] == "fail", "uncertain": known["status"] == "uncertain"}
    each = known.assign(**marks).groupby(["check", "level", "report_id"])[list(marks)].any()
    data = each.groupby(["check", "level"]).sum().reset_index()
    data["assessed"] = each.groupby(["check", "level"]).size().to_numpy()
    low, high = metrics.wilson(*(data[name].to_numpy(dtype="float64") for name in ("failing", "assessed")))
    data = data.assign(share=data["failing"] / data["assessed"], low=low, high=high, method="wilson").rename(
        columns={"level": by}
    )
    types = {"check": "str", by: "str", **dict.fromkeys(("share", "low", "high"), "Float64")}
    return data.astype({**types, **dict.fromkeys(("failing", "uncertain", "assessed"), "Int64")})


@drawing(identity_failures_data, n="n_reports", height=lambda data: 1.3 + 0.24 * data["check"].nunique())
def identity_failures(canvas: Canvas, data: pd.DataFrame, *, checks: pd.DataFrame, by: str) -> list[str]:
    """Draw the share of reports in which each check fails, by level.

    A heat map; in each cell the failing reports and those assessed.
    """
    names, levels = in_order(data["check"], "check"), in_order(data[by], by)
    written = data["failing"].astype("str") + " / " + data["assessed"].astype("str")
    shares = data["share"].astype("float64").where(data["assessed"] >= FEW)
    values, texts = (
        data.assign(cell=cell).pivot(index="check", columns=by, values="cell").loc[names, levels]
        for cell in (shares, written)
    )
    top = max(0.05, float(np.ceil(np.nanmax([0.0, *np.ravel(values)]) * 20) / 20))
    heat(
        canvas, values, texts=texts.fillna("").to_numpy(), limits=(0.0, top), rows=canvas.names(names, "check"),
        columns=[canvas.name(level, by) for level in levels],
        bar=(canvas.say("share_failing"), {share: f"{share * 100:.3g}%" for share in (0.0, top / 2, top)}),
    )  # fmt: skip
    return [canvas.count(checks["report_id"].nunique()), canvas.say("failures_note")]


@twin
def violations_data(checks: pd.DataFrame, *, most: int = 12) -> pd.DataFrame:
    """Reports by the set of identities that fail in them.

    Parameters
    ----------
    checks : pandas.DataFrame
        ``panel.checks``: ``report_id, check, status``.
    most : int
        Sets that the drawing shows; all are given.

    Returns
    -------
    pandas.DataFrame
        One row a set that occurs, the most frequent first: ``identities`` (joined by ``&``), ``reports`` (Int64),
        ``share`` (Float64, of reports with any failure), and one boolean column an identity that fails anywhere.
        ``attrs["assessed"]``: reports with a verdict.

    Examples
    --------
    >>> checks = pd.DataFrame({"report_id": ["r", "r", "s"], "check": ["H1", "H2", "H1"], "status": ["fail", "fail", "pass"]})
    >>> violations_data(checks)[["identities", "reports"]].values.tolist()
    [['H1 & H2', 1]]
    """
    require(checks, ["report_id", "check", "status"], "violations")
    failing = checks[checks["status"] == "fail"]
    sets = failing.groupby("report_id")["check"].agg(lambda broken: " & ".join(sorted(set(broken))))
    counted = sets.value_counts().rename_axis("identities").reset_index(name="reports")
    data = counted.sort_values(["reports", "identities"], ascending=[False, True], ignore_index=True)
    data = data.astype({"identities": "str", "reports": "Int64"})
    data["share"] = (data["reports"] / max(int(data["reports"].sum()), 1)).astype("Float64")
    for kind in sorted(failing["check"].unique()):
        data[kind] = [kind in names.split(" & ") for names in data["identities"]]
    data.attrs["assessed"] = int(checks.loc[checks["status"] != "not_assessable", "report_id"].nunique())
    return data


@drawing(violations_data, n="n_reports", empty=None, height=lambda data: 2.4 + 0.2 * (data.shape[1] - 3))
def violations(canvas: Canvas, data: pd.DataFrame, *, most: int) -> list[str]:
    """Draw which identities fail together (an UpSet plot in one Axes).

    Bars: reports by the set of identities that fail in them; dots below: which identities these are.

    References
    ----------
    Lex, Gehlenborg, Strobelt, Vuillemot and Pfister (2014), IEEE TVCG 20.
    """
    failing = f"{int(data['reports'].sum()):,}"
    note = canvas.say("violations_note", n=f"{data.attrs['assessed']:,}", failing=failing)
    if data.empty:
        return [*canvas.empty("no_violation"), note]
    drawn, kinds = data.head(most), list(data.columns[3:])
    heights = values_of(drawn["reports"])
    canvas.ax.bar(range(len(drawn)), heights, color=canvas.shade("fail", colour("fail", "statuses")), width=0.62)
    for place, height in enumerate(heights):
        canvas.text(f"{height:,.0f}", place, height, sides="above", gap=1)
    names = canvas.names(kinds, "check")
    counts = [int(data.loc[data[kind], "reports"].sum()) for kind in kinds]
    lines = [
        ("", f"{name} ({total:,})", drawn[kind].to_numpy(dtype=bool))
        for name, total, kind in zip(names, counts, kinds, strict=True)
    ]  # fmt: skip
    top = heights.max() * 1.12
    levels = grid_below(
        canvas, lines, bottom=0.0, top=top, step=top * 0.115, label=canvas.say("reports_axis"), marker="o", whole=True
    )  # fmt: skip
    for place, holds in enumerate(drawn[kinds].to_numpy(dtype=bool)):
        hits = np.array(levels)[holds]
        canvas.ax.plot([place, place], [hits[0], hits[-1]], color=colour("ink", "roles"), linewidth=1.1, zorder=2)
    canvas.ax.set_xlim(-0.6, max(len(drawn), 4) - 0.4)
    return [note]


@twin
def backlog_continuity_data(frame: pd.DataFrame, *, unit: str = "agency_id") -> pd.DataFrame:
    """What each agency carried out and what it brought forward the year after.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report, with ``year, carried_in, carried_out``.
    unit : str
        Column that names the agency.

    Returns
    -------
    pandas.DataFrame
        As :func:`giakit.metrics.carry_over`, without pairs of which a side is blank.

    Examples
    --------
    >>> frame = pd.DataFrame({"agency_id": ["a", "a"], "year": [2022, 2023], "carried_in": [0.0, 5.0],
    ...     "carried_out": [4.0, 1.0]})
    >>> backlog_continuity_data(frame)["difference"].tolist()
    [1.0]
    """
    # A scope that is not known is a scope of its own: it pairs with no other.
    known = frame.assign(scope=frame["scope"].fillna("not known")) if "scope" in frame.columns else frame
    matched = metrics.carry_over(known, unit=unit)
    return matched[matched["difference"].notna()].reset_index(drop=True)


@drawing(backlog_continuity_data, n="n_pairs", columns=1, height=3.3, empty="no_pairs")
def backlog_continuity(canvas: Canvas, data: pd.DataFrame, *, unit: str) -> list[str]:
    """Draw what was carried out against what came in the year after.

    Both scales are log(1 + x); pairs on the line hold, squares break it; `labels` name the six that break it most.
    """
    before, after = values_of(data["carried_out_before"]), values_of(data["carried_in"])
    holds = before == after
    kinds = (("pass", holds, "o", 10), ("fail", ~holds, "s", 16))
    shaded = [(chosen, canvas.shade(status, colour(status, "statuses")), *mark) for status, chosen, *mark in kinds]
    pairs(canvas, before, after, shaded)
    if isinstance(canvas.labels, Mapping):
        worst = np.argsort(-np.abs(after - before), kind="stable")[: min(6, int((~holds).sum()))]
        for place in worst:
            text = f"{canvas.labels.get(data[unit].iloc[place], '')} {data['year'].iloc[place]}".strip()
            canvas.text(text, before[place], after[place], sides=ROUND_THE_POINT, gap=5, fontsize=SMALLEST)
    canvas.ax.set_xlabel(canvas.say("carried_out_before"))
    canvas.ax.set_ylabel(canvas.say("carried_in"))
    counts = {"n": len(data), "holds": int(holds.sum()), "breaks": int((~holds).sum())}
    return [canvas.say("continuity_note", **{name: f"{counted:,}" for name, counted in counts.items()})]


@twin
def publication_dates_data(reports: pd.DataFrame, *, by: str = "tier") -> pd.DataFrame:
    """Days between the publication of each report and the day by which it was due.

    Parameters
    ----------
    reports : pandas.DataFrame
        ``panel.reports``: ``published, year, organ_kind, scope`` and the column `by`.
    by : str
        Column of the groups.

    Returns
    -------
    pandas.DataFrame
        One row a report whose day and deadline are known: `by` (str), ``year, days_late`` (Int64; negative before the
        deadline), ``late`` (bool), ``deadline`` (str).

    References
    ----------
    Regulations of 2019, art. 49; of 2007, art. 31; :func:`giakit.places.deadline`.

    Examples
    --------
    >>> reports = pd.DataFrame({"published": ["2024-02-02"], "year": [2023], "organ_kind": "department", "scope": "organ",
    ...     "tier": "county"})
    >>> publication_dates_data(reports)["days_late"].tolist()
    [2]
    """
    require(reports, ["published", "year", "organ_kind", by], "publication_dates")
    known = reports.reindex(columns=[*reports.columns, *({"scope"} - set(reports.columns))])
    known = known.assign(day=pd.to_datetime(known["published"], errors="coerce"))
    known = known.dropna(subset=["day", "year", "organ_kind", by])
    dated = []
    for day, year, kind, scope, group in known[["day", "year", "organ_kind", "scope", by]].itertuples(index=False):
        due = deadline(int(year), str(kind), scope=None if pd.isna(scope) else str(scope))
        if due is not None:
            late = (day.date() - due).days
            dated.append((str(group), int(year), late, late > 0, due.isoformat()))
    data = pd.DataFrame(dated, columns=[by, "year", "days_late", "late", "deadline"])
    return data.astype({by: "str", "year": "Int64", "days_late": "Int64", "late": bool, "deadline": "str"})


@drawing(
    publication_dates_data, n="n_reports", empty="no_dates", height=lambda data: 1.1 + 0.4 * max(data.iloc[:, 0].nunique(), 1)
)  # fmt: skip
def publication_dates(canvas: Canvas, data: pd.DataFrame, *, by: str) -> list[str]:
    """Draw when reports were published against the day by which the law wants them.

    One dot a report; the line is the deadline; the share that is late stands at the right. Days beyond 120 on either
    side stand at the edge.
    """
    groups = in_order(data[by], by)
    shades = {late: canvas.shade(*state) for late, state in {
        True: ("late", colour("fail", "statuses")), False: ("in_time", colour("pass", "statuses")),
    }.items()}  # fmt: skip
    for place, group in enumerate(groups):
        days = np.sort(np.clip(values_of(data.loc[data[by] == group, "days_late"]), -DAYS, DAYS))
        dots(canvas, days, place, [shades[bool(day > 0)] for day in days])
        late = f"{100 * float(np.mean(days > 0)):.0f}%"
        canvas.margin([canvas.say("late_share", share=late), late], place)
    canvas.ax.axvline(0, color=colour("ink", "roles"), linewidth=0.8, zorder=1)
    canvas.ax.set_xlim(-DAYS - 5, DAYS + 5)
    canvas.ticks("x", [-DAYS, -60, 0, 60, DAYS], ["−120", "−60", "0", "+60", "+120"])
    canvas.row_names(canvas.names(groups, by, [(data[by] == group).sum() for group in groups]))
    canvas.ax.set_xlabel(canvas.say("days_late"))
    return [canvas.count(len(data)), canvas.say("dates_note")]


@twin
def last_digits_data(figures: pd.DataFrame) -> pd.DataFrame:
    """Frequency of each last digit among large free totals (`value`): :func:`giakit.checks.digits_study.last_digits`.

    Examples
    --------
    >>> len(last_digits_data(pd.DataFrame({"value": range(1000, 2000)})))
    10
    """
    return digits_study.last_digits(figures).assign(method="wilson")


@drawing(
    last_digits_data, n="n_figures", columns=1, height=2.6, empty="no_digits", refused=(InvalidStudy,)
)  # fmt: skip
def last_digits(canvas: Canvas, data: pd.DataFrame) -> list[str]:
    """Draw how often each last digit stands in large free totals: without rounding each has one in ten.

    Where the study is not valid (too few figures, cells bound by sums) the Axes say why.
    """
    interval_rows(canvas, data, value="share", vertical=True, shade=canvas.shade("share", colour("main", "roles")))
    canvas.ax.axhline(0.1, color=colour("ink", "roles"), linewidth=0.7, zorder=0)
    canvas.margin(canvas.say("tenth"), 0.1)
    canvas.ticks("x", list(range(10)), [str(digit) for digit in range(10)])
    canvas.ax.set_xlim(-0.6, 9.6)
    canvas.percent("y", float(data["high"].max()))
    canvas.ax.set_xlabel(canvas.say("last_digit"))
    canvas.ax.set_ylabel(canvas.say("share_figures"))
    p = number(data["p_value"].iloc[0])
    return [canvas.say("digits_note", n=f"{int(data['n'].iloc[0]):,}", p="< 0.001" if p < 0.001 else f"= {p:.3f}")]
