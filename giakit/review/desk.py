"""The desk: what is seen of an item and what a key does, in a notebook or as a page on this machine."""

from __future__ import annotations

import json
import os
import secrets
import time
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any

from giakit.data import text
from giakit.errors import GiakitError
from giakit.forms import tables
from giakit.reading.display import STYLE, tables_html
from giakit.review.queue import CodedSheet, DoubtfulCells, Item
from giakit.review.source import source_html

_KEYS = "Enter keep as printed · 1-3 take a suggestion · digits Enter correct · / blank · s skip · u undo · j k move"


class Desk:
    """Goes through a queue; `handle` takes what a person does, `view` says what is seen.

    Parameters
    ----------
    queue : DoubtfulCells or CodedSheet
    panel : Panel or None
        Where the documents and tables are looked up.
    files : path, optional
        The folder from which the panel was built.
    """

    def __init__(
        self, queue: DoubtfulCells | CodedSheet, *, panel: Any = None, files: str | os.PathLike[str] | None = None
    ) -> None:
        self.queue = queue
        self.panel = panel
        self.files = None if files is None else Path(files)
        self.at = 0
        self.message = ""
        self.seconds: list[float] = []
        self._since = time.monotonic()
        self._sources = (
            {} if panel is None else dict(zip(panel.reports["report_id"], panel.reports["source"], strict=True))
        )
        self._names = (
            {}
            if panel is None
            else {
                str(
                    report_id
                ): f"{'unknown agency' if unit != unit else unit} · {'unknown year' if year is None or year != year else year}"
                for report_id, unit, year in panel.reports[["report_id", "unit", "year"]]
                .astype(object)
                .itertuples(index=False)
            }
        )

    def handle(self, action: str, figure: str = "") -> None:
        """Do what a key asks: keep, enter (with a figure), take (with its number), blank, skip, undo, next, back."""
        self.message = ""
        number = self.at
        try:
            if action == "undo":
                undone = self.queue.undo()
                self.message = "nothing to undo" if undone is None else "taken back"
                self.at = self.at if undone is None else undone
            elif action in ("skip", "next", "back"):
                self._move(-1 if action == "back" else 1)
            elif not self.queue.items:
                self.message = "nothing waits"
            else:
                if action == "keep":
                    self.queue.keep(number)
                elif action == "take":
                    self.queue.take(number, int(figure))
                elif action == "blank":
                    self.queue.enter(number, "")
                elif action == "enter":
                    self.queue.enter(number, figure)
                self.seconds.append(time.monotonic() - self._since)
                self._move(1)
        except (GiakitError, OSError, ValueError) as error:
            self.message = str(error)
        self._since = time.monotonic()

    def view(self) -> dict[str, Any]:
        """What is seen: everything as plain values and inert HTML."""
        items = self.queue.items
        done = sum(bool(self.queue.decided(number)) for number in range(len(items)))
        pace = f", {sorted(self.seconds)[len(self.seconds) // 2]:.1f} s a decision" if self.seconds else ""
        seen: dict[str, Any] = {
            "progress": f"{min(self.at + 1, len(items))} of {len(items)}; {done} decided{pace}",
            "done": done, "total": len(items), "at": self.at, "message": self.message, "keys": _KEYS,
            "title": "", "findings": [], "suggestions": [], "decided": "", "left": "", "right": "",
        }  # fmt: skip
        if not items:
            return seen | {"title": "Nothing waits for a decision"}
        item = items[self.at]
        seen["decided"] = self.queue.decided(self.at)
        seen["findings"] = [f"{check}: {message}" for check, _, message, _ in item.findings]
        seen["suggestions"] = [line for line, _ in self.queue.suggestions(self.at)]
        cell = self.queue.cell(self.at)
        named = item.label or (".".join(cell) if cell else item.table or "the whole report")
        seen["title"] = f"{self._names.get(item.report_id, item.report_id)} · {named}"
        return seen | self._sides(item)

    def _sides(self, item: Item) -> dict[str, str]:
        if self.panel is None:
            return {"left": source_html(None, where="", raw=""), "right": ""}
        blind = isinstance(self.queue, CodedSheet)
        report = self.panel.report(item.report_id) if isinstance(self.queue, CodedSheet) else self.queue.report(self.at)
        address = self.queue.cell(self.at)
        cell = report.record.cells.get(address) if address else None
        path = None if self.files is None else self.files / str(self._sources.get(item.report_id, ""))
        # A blind coder sees where to look, and nothing of what was read there.
        raw = "" if blind or cell is None else cell.raw or ""
        left = source_html(path, where=(cell.where or "") if cell else "", raw=raw, label=_label(address))
        right = (
            ""
            if blind
            else f'<div class="giakit">{STYLE}{tables_html(report, only_found=item.table is not None)}</div>'
        )
        return {"left": left, "right": right}

    def _move(self, step: int) -> None:
        self.at = min(max(self.at + step, 0), max(len(self.queue.items) - 1, 0))


def _label(address: tuple[str, str, str] | None) -> str:
    """The printed label of a cell's row, which tells lines of a page apart."""
    if address is None:
        return ""
    return next((row.label for row in tables()[address[0]].rows if row.code == address[1]), "")


def widget(desk: Desk) -> Any:
    """The desk as a widget of Jupyter; needs the extra ``notebooks``."""
    import anywidget
    import traitlets

    class DeskWidget(anywidget.AnyWidget):  # type: ignore[misc]
        _esm = text("review", "desk.js")
        _css = text("review", "desk.css")
        view = traitlets.Dict().tag(sync=True)

        def __init__(self) -> None:
            super().__init__(view=desk.view())
            self.on_msg(self._take)

        def _take(self, _widget: Any, content: dict[str, Any], _buffers: Any) -> None:
            desk.handle(str(content.get("action", "")), str(content.get("figure", "")))
            self.view = desk.view()

    shown = DeskWidget()
    shown.desk = desk
    return shown


def serve(desk: Desk, *, port: int = 0) -> tuple[ThreadingHTTPServer, str]:
    """The same desk as a page on this machine alone.

    Returns
    -------
    server, address
        `server.serve_forever()` runs it; the address holds a token without which nothing is answered.
    """
    token = secrets.token_urlsafe(16)
    lock = Lock()
    page = f"""<!doctype html><meta charset="utf-8"><title>giakit review</title><style>{text("review", "desk.css")}</style>
<div id="desk"></div><script type="module">{text("review", "desk.js")}
let view = {json.dumps(desk.view(), ensure_ascii=False).replace("<", chr(92) + "u003c")}; const told = [];
const model = {{ get: () => view, on: (_, f) => told.push(f), send: async (message) => {{
  view = await (await fetch("/act?token={escape(token)}", {{ method: "POST", body: JSON.stringify(message) }})).json();
  told.forEach((f) => f()); }} }};
desk.render({{ model, el: document.getElementById("desk") }});</script>"""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self, body: str, kind: str, status: int = 200) -> None:
            data = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(data)))
            self.send_header(
                "Content-Security-Policy",
                "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'",
            )
            self.end_headers()
            self.wfile.write(data)

        def _known(self) -> bool:
            known = secrets.compare_digest(self.path.partition("token=")[2], token)
            if not known:
                self._answer("the address lacks its token", "text/plain", 403)
            return known

        def do_GET(self) -> None:
            if self._known():
                self._answer(page, "text/html")

        def do_POST(self) -> None:
            if self._known():
                asked = json.loads(self.rfile.read(min(int(self.headers.get("Content-Length", 0)), 10_000)) or "{}")
                with lock:
                    desk.handle(str(asked.get("action", "")), str(asked.get("figure", "")))
                    self._answer(json.dumps(desk.view(), ensure_ascii=False), "application/json")

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing is printed for each key."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    return server, f"http://127.0.0.1:{server.server_address[1]}/?token={token}"
