"""Collections of the test web: what is found, what is said of what is not, and how the sites were asked."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import random
import shutil
import signal
import sqlite3
import ssl
import subprocess
import sys
import threading
import time
import zipfile
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner
from warcio.archiveiterator import ArchiveIterator

import giakit as gia
from collect.web import Answer, Site, Web
from collect.web.sites import (
    articles,
    attached,
    counting,
    document,
    incomplete,
    jpage,
    make_reports,
    refusing,
    small_web,
    title,
    trs,
    with_lines,
)  # fmt: skip
from collect.web.variants import variants
from giakit.cli import cli
from giakit.collect import CollectStopped
from giakit.collect.ledger import Ledger
from giakit.panel.pool import InProcess

CONTACT = "test@example.org"
PAUSE = 0.02
ROOT = Path(__file__).resolve().parents[2]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def run(web: Web, out: Path, **options: Any) -> Any:
    return gia.collect(web.seeds(), out, contact=CONTACT, **{"pause": PAUSE, "years": "2021-2023", **options})


def units_and_years(out: Path) -> Counter[tuple[str, str]]:
    return Counter((row["unit"], row["year"]) for row in rows(out / "sources.csv"))


def truth(sites: list[Site]) -> Counter[tuple[str, str]]:
    return Counter((report.unit, str(report.year)) for site in sites for report in site.reports)


def what_is_known(out: Path) -> tuple[Any, ...]:
    """Ledger, sources and coverage without moments and places in the archive."""
    collection = gia.collect.Collection(out)
    targets = collection.targets.drop(columns=["reason"])
    visits = collection.visits.drop(columns=["started", "ended", "captured", "file", "offset", "length", "modified"])
    sources = [{name: value for name, value in row.items() if name != "captured"} for row in rows(out / "sources.csv")]
    return targets.to_csv(), visits.drop(columns=["record_id"]).to_csv(), sources, rows(out / "coverage.csv")


def records(out: Path) -> list[tuple[str, str]]:
    """Every record of the archive; reading them all shows that it is whole."""
    held = []
    for path in sorted((out / "archive").glob("*.warc.gz")):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, check_digests="raise"):
                record.content_stream().read()
                held.append((record.rec_type, record.rec_headers.get_header("WARC-Target-URI")))
    return held


def gaps(web: Web, site: Site) -> list[float]:
    asked = web.asked(site)
    return [after["start"] - before["end"] for before, after in pairwise(asked)]


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> tuple[Web, Path]:
    out = tmp_path_factory.mktemp("everything")
    with Web(small_web()) as web:
        run(web, out, vantage="a laptop")
    return web, out


def test_every_report_is_found_and_nothing_else(everything: tuple[Web, Path]) -> None:
    web, out = everything
    assert units_and_years(out) == truth(web.sites)


def test_what_refuses_or_breaks_off_is_said_and_never_stands_for_not_published(everything: tuple[Web, Path]) -> None:
    web, out = everything
    said = {(row["unit"], row["year"]): row["status"] for row in rows(out / "coverage.csv")}
    for site in web.sites:
        if site.unit:
            allowed = {site.status} | ({"list_incomplete"} if site.name == "missing200" else set())
            assert {said[site.unit, "2021"], said[site.unit, "2023"]} <= allowed, site.name
    lists = gia.collect.Collection(out).targets
    assert set(lists[lists["verdict"] == "list"]["site"]) >= {site.ip for site in web.sites if site.reports}
    assert "not_listed" not in {
        status for (unit, _), status in said.items() if unit.endswith("县教育局") and not unit[0] > "z"
    }


def test_sites_are_asked_one_request_at_a_time_after_the_pause_and_robots_first(everything: tuple[Web, Path]) -> None:
    web, _ = everything
    for site in web.sites:
        asked = web.asked(site)
        assert asked[0]["path"] == "/robots.txt", site.name
        assert min(gaps(web, site), default=1) >= PAUSE - 0.01, site.name
        assert all(
            entry["headers"]["user-agent"] == f"giakit-collect/{gia.__version__} (+{CONTACT})" for entry in asked
        )
        assert not any("cookie" in entry["headers"] for entry in asked)
    by_name = {site.name: [entry["path"] for entry in web.asked(site)] for site in web.sites}
    for name in ("disallow", "bom", "slow"):
        assert by_name[name] == ["/robots.txt"]
    assert not any(path.startswith("/zwgk/gknb/index_1") for path in by_name["blocked"])
    # 412 and 521 are never asked again, 5xx twice.
    assert (
        Counter(by_name["c412"])["/gknb/"]
        == Counter(by_name["c521"])["/gknb/"]
        == Counter(by_name["forbidden"])["/gknb/"]
        == 1
    )
    assert Counter(by_name["broken"])["/gknb/"] == 3
    assert len(by_name["calendar"]) < 230


def test_the_archive_holds_every_answer_and_sources_name_their_records(everything: tuple[Web, Path]) -> None:
    web, out = everything
    held = records(out)
    answers = [entry for entry in web.log if not entry["path"].startswith("/robots503")]
    assert sum(kind in ("response", "revisit") for kind, _ in held) == len(answers)
    assert {row["record_id"] for row in rows(out / "sources.csv")} <= set(
        gia.collect.Collection(out).visits["record_id"]
    )
    for row in rows(out / "sources.csv"):
        assert (out / "files" / row["file"]).is_file()
        assert row["vantage"] == "a laptop"


def test_build_takes_the_sources_of_a_collection(everything: tuple[Web, Path], tmp_path: Path) -> None:
    web, out = everything
    panel = gia.build(out / "files", tmp_path / "panel", executor=InProcess())
    reports = panel.reports
    assert len(reports) == sum(truth(web.sites).values())
    assert set(zip(reports["unit"], reports["year"].astype(str), strict=True)) == set(truth(web.sites))
    assert reports["url"].str.startswith("http://127.").all()
    assert not panel.findings["check"].str.startswith("sources_").any()


def test_a_second_run_asks_on_conditions_and_adds_nothing(tmp_path: Path) -> None:
    sites = [
        with_lines("trs", 0, 9, trs, base=0),
        with_lines("jpage", 1, 12, jpage, largest=5),
        refusing("c200"),
        incomplete("gap", 3),
    ]
    sites[1].validators = False
    site = Site("counting")
    counting(site, make_reports(50, 4))
    with Web([*sites, site]) as web:
        run(web, tmp_path)
        before = (
            sorted(path.name for path in (tmp_path / "files").iterdir()),
            rows(tmp_path / "sources.csv"),
            rows(tmp_path / "coverage.csv"),
        )
        web.log.clear()
        run(web, tmp_path)
        after = (
            sorted(path.name for path in (tmp_path / "files").iterdir()),
            rows(tmp_path / "sources.csv"),
            rows(tmp_path / "coverage.csv"),
        )
        assert after == before
        assert web.log
        assert all({"if-none-match", "if-modified-since"} & set(entry["headers"]) for entry in web.log)
        assert "revisit" in {kind for kind, _ in records(tmp_path)}
        # What is new is found, and an old report that reads otherwise now stands beside what it was.
        report = make_reports(60, 1)[0]
        sites[0].page("/art/new.html", report.data)
        first = sites[0].routes["/zwgk/gknb/"]
        assert isinstance(first, Answer)
        sites[0].page(
            "/zwgk/gknb/",
            first.body.replace(b"</h2><ul>", f"</h2><ul><li><a href='/art/new.html'>{title(report)}</a></li>".encode()),
        )
        changed = sites[0].reports[0]
        sites[0].page(changed.path, document(changed.unit, changed.year, "html", 4711))
        run(web, tmp_path)
    counts = units_and_years(tmp_path)
    assert counts == truth([*sites, site]) + Counter(
        {(report.unit, str(report.year)): 1, (changed.unit, str(changed.year)): 1}
    )


def command(out: Path, seeds: Path, *more: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "giakit.cli",
        "collect",
        str(seeds),
        str(out),
        "--contact",
        CONTACT,
        "--pause",
        str(PAUSE),
        "--years",
        "2021-2023",
        *more,
    ]


def write_seeds(web: Web, path: Path) -> Path:
    pd.DataFrame(web.seeds()).to_csv(path, index=False)
    return path


def is_closed(out: Path) -> bool:
    """Whether a collection has come to its end: another start would be a new run."""
    if not (out / "ledger.sqlite").is_file():
        return False
    connection = sqlite3.connect(out / "ledger.sqlite")
    try:
        return bool(connection.execute("SELECT 1 FROM runs WHERE ended IS NOT NULL").fetchone())
    except sqlite3.Error:
        return False
    finally:
        connection.close()


def killed(web: Web, folder: Path, kills: int, seed: int) -> int:
    """Collect in a process that is killed at random moments; how often it was."""
    draw = random.Random(seed)
    seeds = write_seeds(web, folder / "seeds.csv")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = 0
    while True:
        process = subprocess.Popen(
            command(folder / "killed", seeds), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        # The first part of a second is spent on imports.
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.6 + draw.random())
        if done < kills and process.poll() is None and not is_closed(folder / "killed"):
            process.send_signal(signal.SIGKILL)
            process.wait()
            done += 1
            continue
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors
        return done


def repeated(web: Web) -> int:
    """Requests that were made more than once though they were answered."""
    counts = Counter(
        (entry["site"], entry["method"], entry["path"]) for entry in web.log if entry["status"] not in (500, 502, 503)
    )
    return sum(count - 1 for count in counts.values())


def kill_test(folder: Path, sites: list[Site], kills: int, seed: int) -> None:
    with Web(sites) as web:
        run(web, folder / "whole")
        web.log.clear()
        done = killed(web, folder, kills, seed)
        assert done >= min(kills, 2)
        assert repeated(web) <= done
        for site in sites:
            assert min(gaps(web, site), default=1) >= PAUSE - 0.01
        assert what_is_known(folder / "killed") == what_is_known(folder / "whole")
        records(folder / "killed")


def test_a_killed_collection_goes_on_where_it_was(tmp_path: Path) -> None:
    sites = [with_lines(f"trs{number}", number, 15, trs, base=number % 2) for number in range(3)] + [
        refusing("c412"),
        incomplete("gap", 9),
    ]
    kill_test(tmp_path, sites, 4, 1)


@pytest.mark.slow
def test_fifty_kills(tmp_path: Path) -> None:
    # A visit counter gives no two runs the same bytes.
    kill_test(tmp_path, [site for site in small_web() if site.name != "counting"], 50, 2)


def test_a_torn_record_is_cut_off(tmp_path: Path) -> None:
    with Web([with_lines("trs", 0, 6, trs, base=0)]) as web:
        run(web, tmp_path)
        whole = records(tmp_path)
        with (tmp_path / "archive" / "giakit-00001.warc.gz").open("ab") as file:
            file.write(b"\x1f\x8b\x08torn")
        (tmp_path / "archive" / "giakit-00002.warc.gz").write_bytes(b"never known")
        run(web, tmp_path)
    held = records(tmp_path)
    assert held[: len(whole)] == whole
    assert len(held) > len(whole)


def test_a_full_disk_ends_with_the_reason_and_is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sites = [with_lines("trs", 0, 9, trs, base=0), with_lines("jpage", 1, 9, jpage)]
    with Web(sites) as web:
        run(web, tmp_path / "whole")
        for after in (3, 11, 24):
            left = [after]
            fsync = os.fsync

            def full(handle: int, left: list[int] = left, fsync: Any = fsync) -> None:
                left[0] -= 1
                if left[0] < 0:
                    raise OSError(28, "No space left on device")
                fsync(handle)

            monkeypatch.setattr(os, "fsync", full)
            with pytest.raises(CollectStopped, match="No space left"):
                run(web, tmp_path / "full")
            monkeypatch.undo()
            records(tmp_path / "full")
        run(web, tmp_path / "full")
        assert what_is_known(tmp_path / "full") == what_is_known(tmp_path / "whole")


def test_a_server_that_dies_ends_with_the_reason_and_is_gone_on_with(tmp_path: Path) -> None:
    sites = [with_lines("trs", 0, 12, trs, base=0), with_lines("jpage", 1, 12, jpage)]
    with Web(sites) as web:
        run(web, tmp_path / "whole")
    first = Web(sites, port=web.port)
    threading.Thread(target=lambda: (_wait_for(first, 9), first.close()), daemon=True).start()
    with first, pytest.raises(CollectStopped, match="does not answer any more"):
        run(first, tmp_path / "died", timeout=1.0)
    records(tmp_path / "died")
    assert "unreachable" in {row["status"] for row in rows(tmp_path / "died" / "coverage.csv")}
    with Web(sites, port=web.port) as again:
        run(again, tmp_path / "died")
        assert what_is_known(tmp_path / "died") == what_is_known(tmp_path / "whole")


def _wait_for(web: Web, count: int) -> None:
    while len(web.log) < count:
        time.sleep(0.005)


def test_silence_and_drips_are_unreachable(tmp_path: Path) -> None:
    with Web([refusing("drip"), refusing("silent")]) as web:
        run(web, tmp_path, timeout=0.3)
    assert {row["status"] for row in rows(tmp_path / "coverage.csv")} == {"unreachable"}


def test_attachments_are_the_files_and_their_pages_the_landing(tmp_path: Path) -> None:
    site = Site("attached")
    attached(site, make_reports(7, 3, format="docx"))
    with Web([site]) as web:
        run(web, tmp_path)
    assert {row["landing"].rsplit("/", 1)[-1] for row in rows(tmp_path / "sources.csv")} == {
        "t0.html",
        "t1.html",
        "t2.html",
    }
    assert all(row["file"].endswith(".docx") for row in rows(tmp_path / "sources.csv"))


def test_coverage_says_what_is_proved_and_what_is_unknown(tmp_path: Path) -> None:
    missing, *others = make_reports(0, 9)
    unit = missing.unit
    site = Site("trs")
    trs(site, articles(site, others), 0)
    broken = others[4]
    site.routes[broken.path] = Answer(b"", 500)
    expected = pd.DataFrame({"unit": [unit, broken.unit, "无此县教育局"]})
    with Web([site]) as web:
        collection = run(web, tmp_path, expected=expected, years=f"{missing.year}-2099")
    frame = collection.coverage()
    said = {(row.unit, row.year): row.status for row in frame.itertuples()}
    assert said[unit, missing.year] == "not_listed"
    assert said[broken.unit, broken.year] == "listed_not_fetched"
    assert said["无此县教育局", 2021] == "not_listed"
    assert said[unit, 2099] == "not_due"
    bounds = collection.coverage(by="year").set_index("year")
    assert bounds.loc[2021, "low"] <= bounds.loc[2021, "high"] < 1
    assert collection.coverage(by=[]).loc[0, "expected"] == bounds["expected"].sum()


def test_other_peoples_archives(tmp_path: Path) -> None:
    sites = [with_lines("trs", 0, 6, trs, base=0), Site("attached")]
    attached(sites[1], make_reports(9, 3, format="docx"))
    with Web(sites) as web:
        run(web, tmp_path / "first")
    (archive,) = (tmp_path / "first" / "archive").iterdir()
    wacz = tmp_path / "held.wacz"
    with zipfile.ZipFile(wacz, "w") as package:
        package.write(archive, "archive/data.warc.gz")
    panel = gia.build(tmp_path / "first" / "files", tmp_path / "panel", executor=InProcess())
    for number, source in enumerate((archive, wacz)):
        out = tmp_path / f"again{number}"
        gia.collect([{"url": str(source), "kind": "warc"}], out, contact=CONTACT)
        assert units_and_years(out) == truth(sites)
        assert {row["via"] for row in rows(out / "sources.csv")} == {"warc"}
        files = {path.name: path.read_bytes() for path in (out / "files").iterdir()}
        assert files == {path.name: path.read_bytes() for path in (tmp_path / "first" / "files").iterdir()}
        again = gia.build(out / "files", tmp_path / f"panel{number}", executor=InProcess())
        pd.testing.assert_frame_equal(again.cells, panel.cells)


def test_wayback_and_common_crawl(tmp_path: Path) -> None:
    source = with_lines("trs", 0, 6, trs, base=0)
    with Web([source]) as web:
        run(web, tmp_path / "first")
    (archive,) = (tmp_path / "first" / "archive").iterdir()
    data = archive.read_bytes()
    visits = gia.collect.Collection(tmp_path / "first").visits
    wayback, crawl = Site("wayback", kind="wayback"), Site("cc", kind="cc")
    lines, rows_of_cdx = [], [["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]]
    for visit in visits[visits["status"] == 200].itertuples():
        path = visit.url.split("/", 3)[3]
        original = f"http://www.example.gov.cn/{path}"
        route = source.routes["/" + path]
        assert isinstance(route, Answer)
        rows_of_cdx.append(
            ["cn,gov,example)/" + path, "20240301020304", original, "text/html", "200", str(visit.digest), "1"]
        )
        wayback.page(f"/web/20240301020304id_/{original}", route.body)
        lines.append(
            json.dumps(
                {
                    "url": original,
                    "timestamp": "20240301020304",
                    "status": "200",
                    "mime": "text/html",
                    "filename": "crawl-data/a.warc.gz",
                    "offset": str(visit.offset),
                    "length": str(visit.length),
                    "digest": str(visit.digest),
                }
            )
        )
    wayback.page("/cdx/search/cdx", json.dumps(rows_of_cdx))
    wayback.entry = "/cdx/search/cdx?url=www.example.gov.cn/*"
    crawl.page("/CC-MAIN-2024-10-index", "\n".join(lines))
    crawl.entry = "/CC-MAIN-2024-10-index?url=www.example.gov.cn/*"

    def sliced(asked: Any) -> Answer:
        start, end = asked.headers["range"].removeprefix("bytes=").split("-")
        return Answer(data[int(start) : int(end) + 1], 206, "application/octet-stream")

    crawl.routes["/crawl-data/a.warc.gz"] = sliced
    for site in (wayback, crawl):
        with Web([site]) as web:
            run(web, tmp_path / site.name)
        assert units_and_years(tmp_path / site.name) == truth([source])
        got = rows(tmp_path / site.name / "sources.csv")
        assert {(row["via"], row["captured"][:10]) for row in got} == {(site.name, "2024-03-01")}
        assert all(row["url"].startswith("http" + "://") for row in got)


def test_the_command(tmp_path: Path) -> None:
    site = with_lines("trs", 0, 6, trs, base=0)
    with Web([site]) as web:
        seeds = write_seeds(web, tmp_path / "seeds.csv")
        runner = CliRunner()
        assert runner.invoke(cli, ["collect", str(seeds), str(tmp_path / "out")]).exit_code == 2
        assert runner.invoke(cli, ["collect", str(seeds), str(tmp_path / "out"), "--contact", "nobody"]).exit_code == 2
        planned = runner.invoke(cli, ["collect", str(seeds), str(tmp_path / "out"), "--contact", CONTACT, "--dry-run"])
        assert planned.exit_code == 0
        assert "1 seeds on 1 hosts" in planned.output
        assert not web.log
        assert not (tmp_path / "out").exists()
        result = runner.invoke(
            cli,
            [
                "collect",
                str(seeds),
                str(tmp_path / "out"),
                "--contact",
                CONTACT,
                "--pause",
                "0.02",
                "--years",
                "2021-2023",
            ],
        )
        assert result.exit_code == 0, result.output
        assert "6 files" in result.output


def test_an_interruption_keeps_what_was_collected(tmp_path: Path) -> None:
    with Web([with_lines("trs", 0, 60, trs, base=0)]) as web:
        seeds = write_seeds(web, tmp_path / "seeds.csv")
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command(tmp_path / "out", seeds), env=environment, stderr=subprocess.PIPE)
        _wait_for(web, 8)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
        assert process.returncode == 130
        assert b"go on" in errors
        assert rows(tmp_path / "out" / "coverage.csv")
        assert (
            subprocess.run(
                command(tmp_path / "out", seeds), env=environment, capture_output=True, check=False
            ).returncode
            == 0
        )
        assert repeated(web) <= 1
    assert len(rows(tmp_path / "out" / "sources.csv")) == 60


def test_pauses_below_a_second_are_for_loopback_only() -> None:
    from giakit.collect.fetch import Gate

    gate = Gate.__new__(Gate)
    gate._pause = 0.02
    assert gate.pause("127.0.3.4", 0) == 0.02
    assert gate.pause("93.184.216.34", 0) == 5.0
    gate._pause = 2
    assert gate.pause("93.184.216.34", 10) == 10


def test_collect_can_be_called_before_and_after_its_room_is_imported() -> None:
    code = "import giakit as gia; print(callable(gia.collect)); import giakit.collect; print(callable(gia.collect)); from giakit import collect; print(callable(collect))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.split() == ["True"] * 3


def test_seeds_and_sources(tmp_path: Path) -> None:
    runner = CliRunner()
    result = runner.invoke(cli, ["seeds", "安徽省", "淮安市"])
    assert result.exit_code == 0
    seeds = list(csv.DictReader(io.StringIO(result.output)))
    assert [seed["url"] for seed in seeds if seed["place"] == "340100"] == ["https://www.hefei.gov.cn/"]
    assert {seed["place"][:2] for seed in seeds} == {"34", "32"}
    assert runner.invoke(cli, ["seeds", "Nowhere"]).exit_code == 1
    report = make_reports(0, 1)[0]
    (tmp_path / "saved.html").write_bytes(report.data)
    (tmp_path / "2022_某县财政局.pdf").write_bytes(b"%PDF-1.4 broken")
    assert runner.invoke(cli, ["sources", str(tmp_path)]).exit_code == 0
    drafted = {row["path"]: (row["unit"], row["year"]) for row in rows(tmp_path / "sources.csv")}
    assert drafted == {"saved.html": (report.unit, str(report.year)), "2022_某县财政局.pdf": ("某县财政局", "2022")}
    assert {row["unit"] for row in rows(tmp_path / "units.csv")} == {report.unit, "某县财政局"}
    assert runner.invoke(cli, ["sources", str(tmp_path)]).exit_code == 1


def test_captures_stay_out_of_bundles(tmp_path: Path) -> None:
    with Web([with_lines("trs", 0, 3, trs, base=0)]) as web:
        run(web, tmp_path / "out")
    gia.build(tmp_path / "out" / "files", tmp_path / "panel", executor=InProcess())
    result = CliRunner().invoke(cli, ["bundle", str(tmp_path / "panel"), "--out", str(tmp_path / "bundle.zip")])
    assert result.exit_code == 0, result.output
    names = zipfile.ZipFile(tmp_path / "bundle.zip").namelist()
    assert not [name for name in names if name.endswith((".html", ".warc.gz", ".sqlite"))]


def test_robots_with_odd_delays() -> None:
    from giakit.collect.fetch import Refused, Robots

    assert Robots(b"\xef\xbb\xbfUser-agent: *\nCrawl-delay: 10s\nDisallow: /a").delay == 10
    assert not Robots(b"\xef\xbb\xbfUser-agent: *\nDisallow: /a").allows("http://127.0.0.1/a/b")
    with pytest.raises(Refused, match="120"):
        _ = Robots(b"User-agent: *\nCrawl-delay: 120").delay


def test_nothing_is_asked_twice_between_http_and_https_spellings_or_in_circles(tmp_path: Path) -> None:
    site = Site("circle", entry="/a/")
    site.page("/a/", b"", status=302, headers=(("Location", "/b/"),))
    site.page("/b/", b"", status=302, headers=(("Location", "/a/"),))
    with Web([site]) as web:
        run(web, tmp_path)
        assert [entry["path"] for entry in web.asked(site)] == ["/robots.txt", "/a/", "/b/"]


def test_families_are_known_in_other_spellings(tmp_path: Path) -> None:
    sites = variants()
    with Web(sites) as web:
        run(web, tmp_path)
    assert units_and_years(tmp_path) == truth(sites)
    ledger = Ledger(tmp_path / "ledger.sqlite")
    states = {seed["site"]: (seed["status"], seed["reason"]) for seed in ledger.all("SELECT * FROM seed_states")}
    assert {site.name: states[site.ip] for site in sites if states[site.ip][0] != "not_listed"} == {}


def test_a_page_that_is_a_report_needs_no_list(tmp_path: Path) -> None:
    site = Site("single", kind="page")
    articles(site, make_reports(3, 1))
    site.entry = site.reports[0].path
    with Web([site]) as web:
        run(web, tmp_path)
    assert units_and_years(tmp_path) == truth([site])


def test_archives_are_rolled_and_read_across_files(tmp_path: Path) -> None:
    site = with_lines("trs", 0, 9, trs, base=0)
    with Web([site]) as web:
        run(web, tmp_path, roll=10_000)
        run(web, tmp_path, roll=10_000)
    files = sorted((tmp_path / "archive").iterdir())
    assert len(files) > 3
    assert [path.name for path in files] == [f"giakit-{number:05d}.warc.gz" for number in range(1, len(files) + 1)]
    visits = gia.collect.Collection(tmp_path).visits
    assert set(visits["file"].dropna()) == {path.name for path in files}
    assert {kind for kind, _ in records(tmp_path)} == {"warcinfo", "request", "response", "revisit"}
    assert units_and_years(tmp_path) == truth([site])
    # No file is begun before the one before it is full.
    assert min(path.stat().st_size for path in files[:-1]) >= 10_000


def certified(folder: Path, ip: str) -> tuple[Path, ssl.SSLContext]:
    """A certificate authority of the test's own, and a server that it vouches for."""
    names = {name: str(folder / name) for name in ("ca.key", "ca.pem", "site.key", "site.csr", "site.pem", "names")}
    (folder / "names").write_text(f"subjectAltName=IP:{ip}\n", encoding="utf-8")
    new = ["openssl", "req", "-newkey", "rsa:2048", "-nodes"]
    sign = [
        "openssl",
        "x509",
        "-req",
        "-days",
        "2",
        "-in",
        names["site.csr"],
        "-CA",
        names["ca.pem"],
        "-CAkey",
        names["ca.key"],
    ]
    for command in (
        [*new, "-x509", "-days", "2", "-subj", "/CN=test CA", "-keyout", names["ca.key"], "-out", names["ca.pem"]],
        [*new, "-subj", "/CN=site", "-keyout", names["site.key"], "-out", names["site.csr"]],
        [*sign, "-CAcreateserial", "-extfile", names["names"], "-out", names["site.pem"]],
    ):
        subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(names["site.pem"], names["site.key"])
    return folder / "ca.pem", context


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_certificates_are_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = with_lines("trs", 0, 3, trs, base=0)
    site.unit, site.ip = "某县教育局", "127.0.9.9"
    authority, context = certified(tmp_path, site.ip)
    with Web([site], tls=context) as web:
        run(web, tmp_path / "unknown")
        assert {row["status"] for row in rows(tmp_path / "unknown" / "coverage.csv")} == {"unreachable"}
        assert not web.log
        old = [{**seed, "note": "old TLS"} for seed in web.seeds()]
        gia.collect(old, tmp_path / "old", contact=CONTACT, pause=PAUSE)
        assert not web.log
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        run(web, tmp_path / "known")
        gia.collect(old, tmp_path / "known_old", contact=CONTACT, pause=PAUSE)
    assert units_and_years(tmp_path / "known") == units_and_years(tmp_path / "known_old") == truth([site])
    for out, tls in (("known", "verified"), ("known_old", "old")):
        assert set(gia.collect.Collection(tmp_path / out).visits["tls"]) == {tls}
