"""Whether the numbers can be trusted: who is missing, what cells hold, which identities fail, what is late, copied or rounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import pandas as pd

from giakit import metrics
from giakit.checks import digits_study
from giakit.errors import InvalidStudy
from giakit.figures.canvas import FEW, Canvas, Look, drawing, number, rows
from giakit.figures.drawings import heat, log_pair, stacked_rows
from giakit.figures.style import SMALLEST, colour, ink_of, palette
from giakit.figures.wording import called, count, in_order
from giakit.metrics.counts import require
from giakit.places import deadline

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STEPS = ("expected", "found", "read", "clean")
STATUSES = ("pass", "uncertain", "fail", "not_assessable")
STATES = ("positive", "zero", "blank", "undecided", "absent", "no_report")


def coverage_data(
    table: pd.DataFrame, *, rows: str = "province", columns: str = "year", **look: Unpack[Look]
) -> pd.DataFrame:
    """Expected and read reports by place and year, added up from a table of coverage.

    Parameters
    ----------
    table : pandas.DataFrame
        What :func:`giakit.checks.coverage.coverage` gives: groups, ``expected, found, read, clean``.
    rows, columns : str
        Its columns to lay out.
    **look
        What the drawing takes beside; it changes nothing here.

    Returns
    -------
    pandas.DataFrame
        One row a cell: `rows`, `columns`, ``expected, found, read, clean`` (Int64), ``share_read`` (Float64).

    Raises
    ------
    MissingColumns

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
    return data.assign(
        share_read=(data["read"] / data["expected"].where(data["expected"] > 0)).astype("Float64")
    )


@drawing(coverage_data)
def coverage(canvas: Canvas, data: pd.DataFrame, *, rows: str, columns: str, **options: Any) -> Axes:
    """Draw the share of expected reports that were read, by place and year.

    A heat map, the least covered rows at the bottom; in each cell the share read in per cent.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> table = pd.DataFrame({"province": ["x"], "year": 2023, "expected": 4, "found": 4, "read": 3, "clean": 3})
    >>> ax = coverage(table)
    >>> plt.close(ax.figure)
    """
    totals = data.groupby(rows)[["expected", "read"]].sum()
    canvas.size(height=1.1 + 0.165 * len(totals))
    if totals.empty:
        canvas.empty()
        return canvas.finish(data, canvas.say("coverage_title"), n=canvas.say("n_reports"))
    order = (
        (totals["read"] / totals["expected"])
        .astype("float64")
        .sort_values(ascending=False, kind="stable")
        .index
    )
    shares = data.pivot(index=rows, columns=columns, values="share_read").astype("float64").loc[order]
    values = shares.to_numpy()
    known = values[np.isfinite(values)]
    lowest = min(0.5, float(np.floor(known.min() * 10) / 10)) if len(known) else 0.0
    heat(
        canvas, values, limits=(lowest, 1.0), texts=[["" if np.isnan(value) else f"{value * 100:.0f}" for value in line] for line in values],
        rows=[f"{canvas.name(place, rows, order)} ({int(totals.loc[place, 'expected']):,})" for order, place in enumerate(shares.index)],
        columns=[str(name) for name in shares.columns], top=False,
        bar=(canvas.say("share_read"), {lowest: f"{lowest * 100:.0f}%", (1 + lowest) / 2: f"{(1 + lowest) * 50:.0f}%", 1.0: "100%"}),
    )  # fmt: skip
    expected, read = (f"{int(data[name].sum()):,}" for name in ("expected", "read"))
    note = canvas.say("coverage_note", expected=expected, read=read)
    return canvas.finish(data, canvas.say("coverage_title"), note, n=canvas.say("n_reports"))


def barcode_data(
    reports: pd.DataFrame,
    cells: pd.DataFrame,
    *,
    table: str = "requests",
    row: str = "new",
    column: str = "total",
    unit: str = "agency_id",
    years: Sequence[int] | None = None,
    **look: Unpack[Look],
) -> pd.DataFrame:
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
    **look
        What the drawing takes beside; it changes nothing here.

    Returns
    -------
    pandas.DataFrame
        One row an agency and year: ``agency`` (str), ``year`` (Int64), ``state`` (str: ``positive, zero, blank, undecided,
        absent, no_report``), ``value`` (Float64); agencies by their number of reports, most first.

    Raises
    ------
    MissingColumns

    Examples
    --------
    >>> reports = pd.DataFrame({"report_id": ["r"], "unit": "a", "agency_id": "a", "year": [2022]})
    >>> cells = pd.DataFrame({"report_id": ["r"], "table": "requests", "row": "new", "column": "total", "value": [0.0], "state": "reported"})
    >>> barcode_data(reports, cells, years=[2022, 2023])["state"].tolist()
    ['zero', 'no_report']
    """
    require(reports, ["report_id", "unit", "year"], "barcode")
    require(cells, ["report_id", "table", "row", "column", "value", "state"], "barcode")
    named = reports[unit].fillna(reports["unit"]) if unit in reports.columns else reports["unit"]
    known = reports.assign(agency=named.astype("str"))[named.notna() & reports["year"].notna()]
    asked = cells[(cells["table"] == table) & (cells["row"] == row) & (cells["column"] == column)]
    states = asked["state"].astype("str").where(
        asked["state"] != "reported", (asked["value"].fillna(0) > 0).map({True: "positive", False: "zero"}).astype("str")
    )  # fmt: skip
    held = asked.assign(state=states)[["report_id", "state", "value"]].drop_duplicates("report_id")
    joined = (
        known[["report_id", "agency", "year"]]
        .merge(held, on="report_id", how="left")
        .fillna({"state": "absent"})
    )
    # Several reports of one agency and year (scopes, versions): what holds most is shown.
    joined["rank"] = (
        joined["state"].map({state: place for place, state in enumerate(STATES)}).fillna(len(STATES))
    )
    best = joined.sort_values(["rank", "report_id"], kind="stable").drop_duplicates(["agency", "year"])
    seen = [int(year) for year in known["year"]]
    listed = list(years) if years is not None else list(range(min(seen), max(seen) + 1)) if seen else []
    numbers = best.groupby("agency").size().rename("reports").reset_index()
    order = numbers.sort_values(["reports", "agency"], ascending=[False, True], kind="stable")["agency"]
    grid = pd.MultiIndex.from_product([order, listed], names=["agency", "year"]).to_frame(index=False)
    data = grid.astype({"agency": "str", "year": "Int64"}).merge(
        best[["agency", "year", "state", "value"]].astype({"agency": "str", "year": "Int64"}), on=["agency", "year"], how="left"
    )  # fmt: skip
    return data.fillna({"state": "no_report"}).astype({"state": "str", "value": "Float64"})


def barcode(
    reports: pd.DataFrame,
    cells: pd.DataFrame,
    ax: Axes | None = None,
    *,
    table: str = "requests",
    row: str = "new",
    column: str = "total",
    unit: str = "agency_id",
    years: Sequence[int] | None = None,
    **look: Unpack[Look],
) -> Axes:
    """Draw what one cell of the form holds in every agency and year: above zero, zero, blank, undecided, absent, no report.

    Parameters
    ----------
    reports, cells, table, row, column, unit, years
        As in :func:`barcode_data`.
    ax, **look
        As in :func:`giakit.figures.fate_of_requests`; `labels` maps agencies to names.

    Returns
    -------
    matplotlib.axes.Axes
        One row an agency, one column a year; the number of each state stands beside its name.

    Raises
    ------
    MissingColumns

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> reports = pd.DataFrame({"report_id": ["r"], "unit": "a", "agency_id": "a", "year": [2022]})
    >>> cells = pd.DataFrame({"report_id": ["r"], "table": "requests", "row": "new", "column": "total", "value": [0.0], "state": "reported"})
    >>> ax = barcode(reports, cells)
    >>> plt.close(ax.figure)
    """
    from matplotlib.colors import ListedColormap

    data = barcode_data(reports, cells, table=table, row=row, column=column, unit=unit, years=years)
    agencies, listed = list(dict.fromkeys(data["agency"])), sorted(data["year"].unique())
    canvas = Canvas("barcode", ax, look, height=min(1.2 + 0.13 * len(agencies), 8.0))
    if not agencies:
        canvas.empty()
        return canvas.finish(data, canvas.say("barcode_title"), n=canvas.say("n_reports"))
    shades = [canvas.shade(state, str(palette()["states"][state])) for state in STATES]
    codes = (
        data["state"]
        .map({state: place for place, state in enumerate(STATES)})
        .to_numpy()
        .reshape(len(agencies), len(listed))
    )
    edges = (
        {"edgecolors": colour("band", "roles"), "linewidth": 0.4}
        if len(agencies) <= 60
        else {"linewidth": 0.0}
    )
    canvas.ax.pcolormesh(codes, cmap=ListedColormap(shades), vmin=-0.5, vmax=len(STATES) - 0.5, **edges)
    canvas.ax.set_xlim(0, len(listed))
    canvas.ax.set_ylim(len(agencies), 0)
    canvas.row_names([canvas.name(agency, "unit", place) for place, agency in enumerate(agencies)], start=0.5)
    canvas.ticks("x", [place + 0.5 for place in range(len(listed))], [str(year) for year in listed])
    canvas.ax.tick_params(length=0)
    canvas.ax.spines[:].set_visible(True)
    canvas.ax.spines[:].set_color(colour("faint", "roles"))
    counts = data["state"].value_counts()
    canvas.key([(f"{canvas.name(state, 'state')} {int(counts.get(state, 0)):,}", ink_of(state, "states")) for state in STATES if counts.get(state)])  # fmt: skip
    asked = canvas.say(
        "barcode_note",
        n=f"{len(agencies):,}",
        row=called(row, "flow" if row in ("new", "carried_in", "carried_out") else "outcome", canvas.lang),
    )
    return canvas.finish(data, canvas.say("barcode_title"), asked, n=canvas.say("n_agency_years"))


def check_outcomes_data(
    checks: pd.DataFrame, *, order: list[str] | None = None, **look: Unpack[Look]
) -> pd.DataFrame:
    """Outcomes of each family of checks.

    Parameters
    ----------
    checks : pandas.DataFrame
        ``panel.checks``: ``check, status``.
    order : list of str, optional
        Checks, in order.
    **look
        What the drawing takes beside; it changes nothing here.

    Returns
    -------
    pandas.DataFrame
        One row a check and outcome: ``check, status`` (str), ``verdicts, of_check`` (Int64), ``share`` (Float64).

    Raises
    ------
    MissingColumns

    Examples
    --------
    >>> checks = pd.DataFrame({"check": ["H1", "H1"], "status": ["pass", "fail"]})
    >>> check_outcomes_data(checks)["share"].tolist()
    [0.5, 0.5]
    """
    require(checks, ["check", "status"], "check_outcomes")
    counted = checks[checks["status"] != "note"].groupby(["check", "status"]).size()
    data = counted.rename("verdicts").reset_index()
    data["of_check"] = data.groupby("check")["verdicts"].transform("sum")
    data["share"] = (data["verdicts"] / data["of_check"]).astype("Float64")
    data = data.astype({"check": "str", "status": "str", "verdicts": "Int64", "of_check": "Int64"})
    if order is not None:
        known = set(data["check"])
        data = data.set_index("check").loc[[name for name in order if name in known]].reset_index()
    return data[["check", "status", "verdicts", "of_check", "share"]]


@drawing(check_outcomes_data)
def check_outcomes(canvas: Canvas, data: pd.DataFrame, **options: Any) -> Axes:
    """Draw the outcomes of each family of checks as bars of 100 per cent.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> ax = check_outcomes(pd.DataFrame({"check": ["H1", "H1"], "status": ["pass", "fail"]}))
    >>> plt.close(ax.figure)
    """
    names = list(dict.fromkeys(data["check"]))
    canvas.size(height=1.3 + 0.24 * len(names))
    if data.empty:
        canvas.empty()
        return canvas.finish(data, canvas.say("checks_title"), n=canvas.say("n_verdicts"))
    laid = data.pivot(index="check", columns="status", values="share").reindex(index=names, columns=STATUSES)
    counts = data.pivot(index="check", columns="status", values="verdicts")
    stacked_rows(
        canvas, laid, shade=lambda status: canvas.shade(status, colour(status, "statuses")),
        text=lambda name, status: f"{int(counts.loc[name, status]):,}",
    )  # fmt: skip
    for place, name in enumerate(names):
        of_check = f"{int(data.loc[data['check'] == name, 'of_check'].iloc[0]):,}"
        canvas.margin([f"n = {of_check}", of_check], place)
    canvas.key([(canvas.name(status, "status"), ink_of(status, "statuses")) for status in STATUSES])
    canvas.row_names([canvas.name(name, "check", place) for place, name in enumerate(names)])
    canvas.percent("x")
    note = canvas.say("checks_note", n=f"{int(data['verdicts'].sum()):,}")
    return canvas.finish(data, canvas.say("checks_title"), note, n=canvas.say("n_verdicts"))


def identity_failures_data(
    checks: pd.DataFrame, reports: pd.DataFrame, *, by: str = "tier", **look: Unpack[Look]
) -> pd.DataFrame:
    """Share of reports in which a check fails, or is doubtful, by level and check: identities and soft rules.

    Parameters
    ----------
    checks : pandas.DataFrame
        ``panel.checks``: ``report_id, check, status``.
    reports : pandas.DataFrame
        ``report_id`` and the column `by`.
    by : str
        Column of the levels.
    **look
        What the drawing takes beside; it changes nothing here.

    Returns
    -------
    pandas.DataFrame
        One row a check and level: ``check``, `by` (str), ``failing, uncertain, assessed`` (Int64: reports), ``share, low,
        high`` (Float64: failing of assessed, Wilson), ``method``.

    Raises
    ------
    MissingColumns

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
    family = (
        checks["check"].astype("str").str.extract(r"^(H\d|Y\d|[a-z_]+)", expand=False).fillna(checks["check"])
    )
    known = checks.assign(check=family, level=checks["report_id"].map(levels))
    known = known[known["status"].isin(["pass", "fail", "uncertain"]) & known["level"].notna()]
    marks = {
        name: known["status"] == status for name, status in (("failing", "fail"), ("uncertain", "uncertain"))
    }
    each = known.assign(**marks).groupby(["check", "level", "report_id"])[list(marks)].any()
    data = each.groupby(["check", "level"]).sum().reset_index()
    data["assessed"] = each.groupby(["check", "level"]).size().to_numpy()
    low, high = metrics.wilson(
        data["failing"].to_numpy(dtype="float64"), data["assessed"].to_numpy(dtype="float64")
    )
    data = data.assign(share=data["failing"] / data["assessed"], low=low, high=high, method="wilson")
    data = data.rename(columns={"level": by}).astype(
        {"check": "str", by: "str", **dict.fromkeys(("share", "low", "high"), "Float64")}
    )
    return data.astype(dict.fromkeys(("failing", "uncertain", "assessed"), "Int64"))


@drawing(identity_failures_data)
def identity_failures(
    canvas: Canvas, data: pd.DataFrame, checks: pd.DataFrame, *, by: str, **options: Any
) -> Axes:
    """Draw the share of reports in which each check fails, by level.

    A heat map; in each cell the failing reports and those assessed.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> checks = pd.DataFrame({"report_id": ["r", "s"], "check": "H1", "status": ["fail", "pass"]})
    >>> ax = identity_failures(checks, pd.DataFrame({"report_id": ["r", "s"], "tier": "county"}))
    >>> plt.close(ax.figure)
    """
    names, levels = in_order(data["check"], "check"), in_order(data[by], by)
    canvas.size(height=1.3 + 0.24 * len(names))
    if data.empty:
        canvas.empty()
        return canvas.finish(data, canvas.say("failures_title"), n=canvas.say("n_reports"))
    laid = data.set_index(["check", by])
    values, texts = [], []
    for name in names:
        found = [laid.loc[(name, level)] if (name, level) in laid.index else None for level in levels]
        values.append(
            [np.nan if cell is None or cell["assessed"] < FEW else float(cell["share"]) for cell in found]
        )
        texts.append(
            ["" if cell is None else f"{int(cell['failing'])} / {int(cell['assessed'])}" for cell in found]
        )
    top = max(0.05, float(np.ceil(np.nanmax([0.0, *np.ravel(values)]) * 20) / 20))
    heat(
        canvas, values, texts=texts, limits=(0.0, top), rows=[canvas.name(name, "check", place) for place, name in enumerate(names)],
        columns=[canvas.name(level, by) for level in levels],
        bar=(canvas.say("share_failing"), {0.0: "0%", top / 2: f"{top * 50:.3g}%", top: f"{top * 100:.3g}%"}),
    )  # fmt: skip
    counted = count(canvas.lang, int(checks["report_id"].nunique()))
    return canvas.finish(
        data, canvas.say("failures_title"), counted, canvas.say("failures_note"), n=canvas.say("n_reports")
    )


def violations_data(checks: pd.DataFrame, *, most: int = 12, **look: Unpack[Look]) -> pd.DataFrame:
    """Reports by the set of identities that fail in them.

    Parameters
    ----------
    checks : pandas.DataFrame
        ``panel.checks``: ``report_id, check, status``.
    most : int
        Sets that the drawing shows; all are given.
    **look
        What the drawing takes beside; it changes nothing here.

    Returns
    -------
    pandas.DataFrame
        One row a set that occurs, the most frequent first: ``identities`` (joined by ``&``), ``reports`` (Int64),
        ``share`` (Float64, of reports with any failure), and one boolean column an identity that fails anywhere.
        ``attrs["assessed"]``: reports with a verdict.

    Raises
    ------
    MissingColumns

    Examples
    --------
    >>> checks = pd.DataFrame({"report_id": ["r", "r", "s"], "check": ["H1", "H2", "H1"], "status": ["fail", "fail", "pass"]})
    >>> violations_data(checks)[["identities", "reports"]].values.tolist()
    [['H1 & H2', 1]]
    """
    require(checks, ["report_id", "check", "status"], "violations")
    failing = checks[checks["status"] == "fail"]
    kinds = sorted(failing["check"].unique())
    sets = failing.groupby("report_id")["check"].agg(lambda broken: " & ".join(sorted(set(broken))))
    counted = sets.value_counts().rename_axis("identities").reset_index(name="reports")
    data = counted.sort_values(["reports", "identities"], ascending=[False, True], ignore_index=True)
    data = data.astype({"identities": "str", "reports": "Int64"})
    data["share"] = (data["reports"] / max(int(data["reports"].sum()), 1)).astype("Float64")
    for kind in kinds:
        data[kind] = [kind in names.split(" & ") for names in data["identities"]]
    data.attrs["assessed"] = int(checks.loc[checks["status"] != "not_assessable", "report_id"].nunique())
    return data


@drawing(violations_data)
def violations(canvas: Canvas, data: pd.DataFrame, *, most: int, **options: Any) -> Axes:
    """Draw which identities fail together (an UpSet plot in one Axes).

    Bars: reports by the set of identities that fail in them; dots below: which identities these are.

    References
    ----------
    Lex, Gehlenborg, Strobelt, Vuillemot and Pfister (2014), IEEE TVCG 20.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> checks = pd.DataFrame({"report_id": ["r", "r", "s"], "check": ["H1", "H2", "H1"], "status": ["fail", "fail", "pass"]})
    >>> ax = violations(checks)
    >>> plt.close(ax.figure)
    """
    kinds = [name for name in data.columns if name not in ("identities", "reports", "share")]
    canvas.size(height=2.4 + 0.2 * len(kinds))
    failing = int(data["reports"].sum())
    note = canvas.say("violations_note", n=f"{data.attrs['assessed']:,}", failing=f"{failing:,}")
    if data.empty:
        canvas.empty("no_violation")
        return canvas.finish(data, canvas.say("violations_title"), note, n=canvas.say("n_reports"))
    ax, drawn = canvas.ax, data.head(most)
    heights, x = drawn["reports"].to_numpy(dtype="float64"), np.arange(min(most, len(data)))
    ax.bar(x, heights, color=canvas.shade("fail", colour("fail", "statuses")), width=0.62)
    for place, height in enumerate(heights):
        canvas.text(f"{height:,.0f}", place, height, sides="above", gap=1)
    top = heights.max() * 1.12
    step = top * 0.115
    levels = [-step * (place + 0.9) for place in range(len(kinds))]
    for place, (kind, y) in enumerate(zip(kinds, levels, strict=True)):
        if place % 2 == 0:
            ax.axhspan(y - step / 2, y + step / 2, color=colour("band", "roles"), zorder=0, linewidth=0)
        ax.scatter(
            x, np.full(len(x), y), s=20, color=colour("faint", "roles"), alpha=0.45, linewidths=0, zorder=1
        )
        hit = drawn[kind].to_numpy(dtype=bool)
        ax.scatter(
            x[hit], np.full(int(hit.sum()), y), s=26, color=colour("ink", "roles"), linewidths=0, zorder=3
        )
    for place in range(len(drawn)):
        hits = [y for kind, y in zip(kinds, levels, strict=True) if bool(drawn[kind].iloc[place])]
        if len(hits) > 1:
            ax.plot(
                [place, place], [hits[0], hits[-1]], color=colour("ink", "roles"), linewidth=1.1, zorder=2
            )
    ax.set_ylim(levels[-1] - step * 0.6, top)
    ax.set_xlim(-0.6, max(len(drawn), 4) - 0.4)
    ax.set_xticks([])
    whole = [tick for tick in ax.get_yticks() if 0 <= tick <= top and float(tick).is_integer()]
    names = [
        f"{canvas.name(kind, 'check', place)} ({int(data.loc[data[kind], 'reports'].sum()):,})"
        for place, kind in enumerate(kinds)
    ]
    canvas.ticks("y", [*levels, *whole], [*names, *(f"{tick:,.0f}" for tick in whole)], text=True)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_bounds(0, top)
    ax.spines["bottom"].set_visible(False)
    canvas.text(
        canvas.say("reports_axis"),
        0,
        1,
        coords="axes fraction",
        sides="corner",
        gap=4,
        color=colour("muted", "roles"),
    )
    return canvas.finish(data, canvas.say("violations_title"), note, n=canvas.say("n_reports"))


def backlog_continuity_data(
    frame: pd.DataFrame, *, unit: str = "agency_id", **look: Unpack[Look]
) -> pd.DataFrame:
    """What each agency carried out and what it brought forward the year after.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a report, with ``year, carried_in, carried_out``.
    unit : str
        Column that names the agency.
    **look
        What the drawing takes beside; it changes nothing here.

    Returns
    -------
    pandas.DataFrame
        As :func:`giakit.metrics.carry_over`, without pairs of which a side is blank.

    Raises
    ------
    MissingColumns

    Examples
    --------
    >>> frame = pd.DataFrame({"agency_id": ["a", "a"], "year": [2022, 2023], "carried_in": [0.0, 5.0],
    ...     "carried_out": [4.0, 1.0]})
    >>> backlog_continuity_data(frame)["difference"].tolist()
    [1.0]
    """
    # A scope that is not known is a scope of its own: it pairs with no other.
    known = frame.assign(scope=frame["scope"].fillna("not known")) if "scope" in frame.columns else frame
    pairs = metrics.carry_over(known, unit=unit)
    return pairs[pairs["difference"].notna()].reset_index(drop=True)


@drawing(backlog_continuity_data)
def backlog_continuity(canvas: Canvas, data: pd.DataFrame, *, unit: str, **options: Any) -> Axes:
    """Draw what was carried out against what came in the year after.

    Both scales are log(1 + x); pairs on the line hold, squares break it.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from giakit.simulate.panels import panel
    >>> ax = backlog_continuity(panel(agencies=60).requests)
    >>> plt.close(ax.figure)
    """
    canvas.size(columns=1, height=3.3)
    if data.empty:
        canvas.empty("no_pairs")
        return canvas.finish(data, canvas.say("continuity_title"), n=canvas.say("n_pairs"))
    ax = canvas.ax
    before, after = (data[name].to_numpy(dtype="float64") for name in ("carried_out_before", "carried_in"))
    holds = before == after
    log_pair(canvas, float(np.max([*before, *after])))
    kinds = (("pass", holds, 10, "o", 2), ("fail", ~holds, 16, "s", 3))
    for status, chosen, area, marker, order in kinds:
        ax.scatter(
            before[chosen], after[chosen], s=area, marker=marker, color=canvas.shade(status, colour(status, "statuses")),
            edgecolor="white", linewidth=0.3, zorder=order, clip_on=False,
        )  # fmt: skip
    if isinstance(canvas.labels, Mapping):
        named = dict(canvas.labels)
        worst = np.argsort(-np.abs(after - before), kind="stable")[: min(6, int((~holds).sum()))]
        sides = ("right", "left", "above right", "below right", "above", "below", "above left", "below left")
        for place in worst:
            text = f"{named.get(data[unit].iloc[place], '')} {data['year'].iloc[place]}".strip()
            canvas.text(text, before[place], after[place], sides=sides, gap=5, fontsize=SMALLEST)
    ax.set_xlabel(canvas.say("carried_out_before"))
    ax.set_ylabel(canvas.say("carried_in"))
    counts = {"n": f"{len(data):,}", "holds": f"{int(holds.sum()):,}", "breaks": f"{int((~holds).sum()):,}"}
    note = canvas.say("continuity_note", **counts)
    return canvas.finish(data, canvas.say("continuity_title"), note, n=canvas.say("n_pairs"))


def publication_dates_data(reports: pd.DataFrame, *, by: str = "tier", **look: Unpack[Look]) -> pd.DataFrame:
    """Days between the publication of each report and the day by which it was due.

    Parameters
    ----------
    reports : pandas.DataFrame
        ``panel.reports``: ``published, year, organ_kind, scope`` and the column `by`.
    by : str
        Column of the groups.
    **look
        What the drawing takes beside; it changes nothing here.

    Returns
    -------
    pandas.DataFrame
        One row a report whose day and deadline are known: `by` (str), ``year, days_late`` (Int64; negative before the
        deadline), ``late`` (bool), ``deadline`` (str).

    Raises
    ------
    MissingColumns

    References
    ----------
    Regulations of 2019, art. 49; of 2007, art. 31; :func:`giakit.places.deadline`.

    Examples
    --------
    >>> reports = pd.DataFrame({"published": ["2024-02-02"], "year": [2023], "organ_kind": "department", "scope": "organ", "tier": "county"})
    >>> publication_dates_data(reports)["days_late"].tolist()
    [2]
    """
    require(reports, ["published", "year", "organ_kind", by], "publication_dates")
    found = []
    days = pd.to_datetime(reports["published"], errors="coerce")
    scopes = reports["scope"] if "scope" in reports.columns else pd.Series(None, reports.index)
    for day, year, kind, scope, group in zip(
        days, reports["year"], reports["organ_kind"], scopes, reports[by], strict=True
    ):
        if pd.isna(day) or pd.isna(year) or pd.isna(kind) or pd.isna(group):
            continue
        due = deadline(int(year), str(kind), scope=None if pd.isna(scope) else str(scope))
        if due is not None:
            late = (day.date() - due).days
            found.append((str(group), int(year), late, late > 0, due.isoformat()))
    data = pd.DataFrame(found, columns=[by, "year", "days_late", "late", "deadline"])
    return data.astype({by: "str", "year": "Int64", "days_late": "Int64", "late": bool, "deadline": "str"})


@drawing(publication_dates_data)
def publication_dates(canvas: Canvas, data: pd.DataFrame, *, by: str, **options: Any) -> Axes:
    """Draw when reports were published against the day by which the law wants them.

    One dot a report; the line is the deadline; the share that is late stands at the right. Days beyond 120 on either
    side stand at the edge.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> reports = pd.DataFrame({"published": ["2024-02-02"], "year": [2023], "organ_kind": "department", "scope": "organ", "tier": "county"})
    >>> ax = publication_dates(reports)
    >>> plt.close(ax.figure)
    """
    groups = in_order(data[by], by)
    canvas.size(height=1.1 + 0.4 * max(len(groups), 1))
    if data.empty:
        canvas.empty("no_dates")
        return canvas.finish(data, canvas.say("dates_title"), n=canvas.say("n_reports"))
    for place, group in enumerate(groups):
        days = np.sort(np.clip(data.loc[data[by] == group, "days_late"].to_numpy(dtype="float64"), -120, 120))
        shifts = ((np.arange(len(days)) * 0.618) % 1 - 0.5) * 0.6
        shades = [
            canvas.shade(
                *(
                    ("late", colour("fail", "statuses"))
                    if day > 0
                    else ("in_time", colour("pass", "statuses"))
                )
            )
            for day in days
        ]
        canvas.ax.scatter(days, place + shifts, s=7, c=shades, linewidth=0, zorder=2, clip_on=False)
        late = f"{100 * float(np.mean(days > 0)):.0f}%"
        canvas.margin([canvas.say("late_share", share=late), late], place)
    canvas.ax.axvline(0, color=colour("ink", "roles"), linewidth=0.8, zorder=1)
    canvas.ax.set_xlim(-125, 125)
    canvas.ticks("x", [-120, -60, 0, 60, 120], ["−120", "−60", "0", "+60", "+120"])
    canvas.row_names([f"{canvas.name(group, by, place)} (n = {int((data[by] == group).sum()):,})" for place, group in enumerate(groups)])  # fmt: skip
    canvas.ax.set_ylim(len(groups) - 0.4, -0.6)
    canvas.ax.set_xlabel(canvas.say("days_late"))
    counted = count(canvas.lang, len(data))
    return canvas.finish(
        data, canvas.say("dates_title"), counted, canvas.say("dates_note"), n=canvas.say("n_reports")
    )


def last_digits_data(figures: pd.DataFrame, **look: Unpack[Look]) -> pd.DataFrame:
    """Frequency of each last digit among large free totals: :func:`giakit.checks.digits_study.last_digits`.

    Examples
    --------
    >>> len(last_digits_data(pd.DataFrame({"value": range(1000, 2000)})))
    10
    """
    return digits_study.last_digits(figures).assign(method="wilson")


def last_digits(figures: pd.DataFrame, ax: Axes | None = None, **look: Unpack[Look]) -> Axes:
    """Draw how often each last digit stands in large free totals: without rounding each has one in ten.

    Parameters
    ----------
    figures : pandas.DataFrame
        ``value``: totals of at least three digits that somebody wrote down.
    ax, **look
        As in :func:`giakit.figures.fate_of_requests`.

    Returns
    -------
    matplotlib.axes.Axes
        Where the study is not valid (too few figures, cells bound by sums) the Axes say why.

    Raises
    ------
    MissingColumns

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> ax = last_digits(pd.DataFrame({"value": range(1000, 2000)}))
    >>> plt.close(ax.figure)
    """
    canvas = Canvas("last_digits", ax, look, columns=1, height=2.6)
    try:
        data = last_digits_data(figures)
    except InvalidStudy:
        canvas.empty("no_digits")
        return canvas.finish(figures.head(0), canvas.say("digits_title"), n=canvas.say("n_figures"))
    main = canvas.shade("share", colour("main", "roles"))
    for row in rows(data):
        canvas.ax.plot(
            [row.digit, row.digit],
            [number(row.low), number(row.high)],
            color=main,
            linewidth=2,
            solid_capstyle="butt",
        )
        canvas.ax.plot(row.digit, number(row.share), "o", color=main, markersize=5, markeredgecolor="white")
    canvas.ax.axhline(0.1, color=colour("ink", "roles"), linewidth=0.7, zorder=0)
    canvas.margin(canvas.say("tenth"), 0.1)
    canvas.ticks("x", list(range(10)), [str(digit) for digit in range(10)])
    canvas.ax.set_xlim(-0.6, 9.6)
    canvas.percent("y", float(data["high"].max()))
    canvas.ax.set_xlabel(canvas.say("last_digit"))
    canvas.ax.set_ylabel(canvas.say("share_figures"))
    p = float(data["p_value"].iloc[0])
    note = canvas.say(
        "digits_note", n=f"{int(data['n'].iloc[0]):,}", p="< 0.001" if p < 0.001 else f"= {p:.3f}"
    )
    return canvas.finish(data, canvas.say("digits_title"), note, n=canvas.say("n_figures"))
