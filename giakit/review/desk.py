"""The desk: what is seen of an item and what a key does, in a notebook or as a page on this machine."""

from __future__ import annotations

import json
import os
import secrets
import time
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from threading import Lock
from typing import TYPE_CHECKING, Any

from giakit.data import text
from giakit.errors import GiakitError
from giakit.forms import tables
from giakit.reading.display import STYLE, tables_html
from giakit.review.queue import CodedSheet, DoubtfulCells, Item
from giakit.review.source import source_html

if TYPE_CHECKING:
    from giakit.panel.panel import Panel

_KEYS = "Enter keep as printed · 1-3 take a suggestion · digits Enter correct · / blank · s skip · u undo · j k move"
_INERT = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'"


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
        self, queue: DoubtfulCells | CodedSheet, panel: Panel | None, files: str | os.PathLike[str] | None
    ) -> None:
        self.queue, self.files = queue, None if files is None else Path(files)
        self.at, self.message = 0, ""
        self._seconds: list[float] = []
        self._since = time.monotonic()
        columns = ["report_id", "source", "unit", "year"]
        lines = [] if panel is None else panel.reports[columns].astype(object).itertuples(index=False, name=None)
        self._about = {report_id: about for report_id, *about in lines}

    def handle(self, action: str, figure: str = "") -> None:
        """Do what a key asks: keep, enter (with a figure), take (with its number), blank, skip, undo, next, back."""
        self.message = ""
        acts = {
            "keep": lambda: self.queue.keep(self.at),
            "take": lambda: self.queue.take(self.at, int(figure)),
            "blank": lambda: self.queue.enter(self.at, ""),
            "enter": lambda: self.queue.enter(self.at, figure),
        }
        try:
            if action == "undo":
                number = self.queue.undo()
                self.message = "nothing to undo" if number is None else "taken back"
                self.at = self.at if number is None else number
            elif action in acts and self.queue.items:
                acts[action]()
                self._seconds.append(time.monotonic() - self._since)
            if action != "undo":
                self.at = min(max(self.at + (-1 if action == "back" else 1), 0), max(len(self.queue.items) - 1, 0))
        except (GiakitError, OSError, ValueError) as error:
            self.message = str(error)
        self._since = time.monotonic()

    def view(self) -> dict[str, Any]:
        """What is seen: everything as plain values and inert HTML."""
        items, at = self.queue.items, self.at
        done = self.queue.n_decided
        pace = f", {median(self._seconds):.1f} s a decision" if self._seconds else ""
        seen: dict[str, Any] = {
            "progress": f"{min(at + 1, len(items))} of {len(items)}; {done} decided{pace}", "done": done, "total": len(items),
            "at": at, "message": self.message, "keys": _KEYS, "title": "Nothing waits for a decision", "findings": [],
            "suggestions": [], "decided": "", "left": "", "right": "",
        }  # fmt: skip
        if not items:
            return seen
        item, cell = items[at], self.queue.cell(at)
        _, unit, year = self._about.get(item.report_id, ("", item.report_id, ""))
        named = item.label or (".".join(cell) if cell else item.table or "the whole report")
        who = "unknown agency" if unit != unit else unit
        return seen | {
            "title": f"{who} · {'unknown year' if year is None or year != year else year} · {named}",
            "decided": self.queue.decided(at),
            "findings": [f"{check}: {message}" for check, _, message, _ in item.findings],
            "suggestions": self.queue.suggestions(at),
            **self._sides(item, cell),
        }

    def _sides(self, item: Item, address: tuple[str, str, str] | None) -> dict[str, str]:
        report = self.queue.report(self.at)
        if report is None:
            return {"left": source_html(None, where="", raw=""), "right": ""}
        path = None if self.files is None else self.files / self._about.get(item.report_id, ("",))[0]
        rows = tables()[address[0]].rows if address else ()
        label = next((row.label for row in rows if address and row.code == address[1]), "")
        cell = report.record.cells.get(address) if address else None
        where, raw = (cell.where or "", cell.raw or "") if cell else ("", "")
        if isinstance(self.queue, CodedSheet):
            # A blind coder sees where to look, and nothing of what was read there.
            return {"left": source_html(path, where=where, raw="", label=label), "right": ""}
        tables_drawn = tables_html(report, only_found=item.table is not None)
        return {
            "left": source_html(path, where=where, raw=raw, label=label),
            "right": f'<div class="giakit">{STYLE}{tables_drawn}</div>',
        }


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

    made = DeskWidget()
    made.desk = desk
    return made


def serve(desk: Desk, *, port: int = 0) -> tuple[ThreadingHTTPServer, str]:
    """The same desk as a page on this machine alone.

    Returns
    -------
    server, address
        `server.serve_forever()` runs it; the address holds a token without which nothing is answered.
    """
    token = secrets.token_urlsafe(16)
    lock = Lock()
    view = json.dumps(desk.view(), ensure_ascii=False).replace("<", "\\u003c")
    page = f"""<!doctype html><meta charset="utf-8"><title>giakit review</title><style>{text("review", "desk.css")}</style>
<div id="desk"></div><script type="module">{text("review", "desk.js")}
let view = {view}; const watchers = [];
const model = {{ get: () => view, on: (_, f) => watchers.push(f), send: async (message) => {{
  view = await (await fetch("/act?token={escape(token)}", {{ method: "POST", body: JSON.stringify(message) }})).json();
  watchers.forEach((f) => f()); }} }};
desk.render({{ model, el: document.getElementById("desk") }});</script>"""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self, body: str, kind: str, status: int = 200) -> None:
            data = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Content-Security-Policy", _INERT)
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self) -> None:
            if not secrets.compare_digest(self.path.partition("token=")[2], token):
                self._answer("the address lacks its token", "text/plain", 403)
            elif self.command == "GET":
                self._answer(page, "text/html")
            else:
                asked = json.loads(self.rfile.read(min(int(self.headers.get("Content-Length", 0)), 10_000)) or "{}")
                with lock:
                    desk.handle(str(asked.get("action", "")), str(asked.get("figure", "")))
                    self._answer(json.dumps(desk.view(), ensure_ascii=False), "application/json")

        do_POST = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing is printed for each key."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    return server, f"http://127.0.0.1:{server.server_address[1]}/?token={token}"
