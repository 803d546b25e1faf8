"""An API that answers with what a test gives and streams events, and calls of `tock` against it."""

import json
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from typer.testing import CliRunner

from client.shown import shown_agent, shown_project, shown_run, shown_signal, shown_trigger
from tock.cli.errors import CommandError
from tock.cli.main import app

END = {"reason": "settled", "status": "succeeded"}
PROGRESS = {"seq": 1_000_001, "at": "2027-01-01T12:00:00Z", "attempt": 1, "kind": "progress", "data": {"read": 3}}


class Api(ThreadingHTTPServer):
    """An API that answers with what `answers` has, and sends one of `streams` after the other."""

    daemon_threads = True
    answers: dict[str, Any]
    #: What each stream sends; a text that ends without an `end` breaks off.
    streams: list[str]
    #: Whether such a text breaks off within the answer, or the answer has ended with it.
    breaks_off = True
    #: The Last-Event-ID of each stream.
    resumed_after: list[str]
    posted: list[tuple[str, Any]]
    #: What this path is answered with, one after the other, and then that it is not there.
    turns: Mapping[str, list[Any]] = {}
    #: What an answer to a request that starts a run warns of.
    warnings: Sequence[str] = ()

    def changed(self, path: str) -> dict[str, Any]:
        """What a change of this resource is answered with."""
        if path.endswith(":steer"):
            return shown_signal(number=3)
        kinds = {"": shown_project, "/agents/digest": shown_agent, "/triggers": shown_trigger}
        return kinds[path]() if path in kinds else shown_run(status="queued", warnings=list(self.warnings))


class Answer(BaseHTTPRequestHandler):
    server: Api

    def do_GET(self) -> None:
        path = self.path.removeprefix("/v1/projects/p")
        if path.endswith(":stream") and self.server.streams:
            self._stream()
        elif path.partition("?")[0] in self.server.turns:
            left = self.server.turns[path.partition("?")[0]]
            self._answer(left.pop(0) if left else None)
        else:
            self._answer(self.server.answers.get(path, self.server.answers.get(path.partition("?")[0])))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append((self.path.removeprefix("/v1/projects/p"), json.loads(body)))
        self._answer(self.server.changed(self.path.removeprefix("/v1/projects/p")))

    def do_PATCH(self) -> None:
        self.do_POST()

    def _stream(self) -> None:
        self.server.resumed_after.append(self.headers["Last-Event-ID"])
        body = self.server.streams.pop(0).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        # One byte more than comes: the connection breaks within the answer unless the reader leaves before.
        self.send_header("Content-Length", str(len(body) + self.server.breaks_off))
        self.end_headers()
        self.wfile.write(body)

    def _answer(self, found: Any) -> None:
        body = json.dumps(found).encode()
        self.send_response(404 if found is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep silent."""


def tock(api: Api, *words: str, exit_code: int = 0) -> str:
    done = CliRunner().invoke(app, ["--server", f"http://127.0.0.1:{api.server_port}", "--project", "p", *words])
    assert done.exit_code == exit_code, done.output
    return done.stdout


def refused(api: Api, *words: str) -> CommandError:
    done = CliRunner().invoke(app, ["--server", f"http://127.0.0.1:{api.server_port}", "--project", "p", *words])
    assert isinstance(done.exception, CommandError), done.output
    return done.exception


def sent(*events: dict[str, Any], end: dict[str, Any] | None = END) -> str:
    messages = [f"id: {each['seq']}\nevent: {each['kind']}\ndata: {json.dumps(each)}\n\n" for each in events]
    return (
        "retry: 1000\n\n: quiet\n\n" + "".join(messages) + (f"event: end\ndata: {json.dumps(end)}\n\n" if end else "")
    )


def an_event(seq: int, kind: str, data: Any, *, attempt: int = 1) -> dict[str, Any]:
    return {"seq": seq, "at": "2027-01-01T12:02:03Z", "attempt": attempt, "kind": kind, "data": data}


def a_log(seq: int, text: str) -> dict[str, Any]:
    return an_event(seq, "log", {"level": "error", "text": text})
