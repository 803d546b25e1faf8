"""A web server that gives one scripted answer after the other, and keeps what it was sent."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any


@dataclass(frozen=True)
class Answer:
    """An answer, which comes once `after` is set; `hangs_up` closes the connection instead."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    hangs_up: bool = False
    after: Event | None = None


@dataclass(frozen=True)
class Request:
    """A request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]


def problem(status: int, code: str, *, transient: bool = False, **headers: str) -> Answer:
    """A problem document of Tock's."""
    body = {"type": "t", "title": "T", "status": status, "detail": "D.", "code": code, "transient": transient}
    return Answer(status, body, {"Content-Type": "application/problem+json", **headers})


BUSY = problem(503, "unavailable", transient=True, **{"Retry-After": "0"})
HANGS_UP = Answer(hangs_up=True)


class Scripted(ThreadingHTTPServer):
    """The server: the last answer is given again and again."""

    daemon_threads = True
    answers: list[Answer]
    requests: list[Request]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def answer(self, *answers: Answer) -> None:
        self.answers, self.requests = list(answers), []


class _Handler(BaseHTTPRequestHandler):
    server: Scripted

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.requests.append(Request(self.command, self.path, dict(self.headers)))
        answers = self.server.answers
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer.after is not None:
            answer.after.wait()
        if answer.hangs_up:
            self.close_connection = True
            return
        body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in ({"Content-Type": "application/json"} | dict(answer.headers)).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - the base class's names

    def log_message(self, *_: object) -> None:
        """Keep silent."""


@contextmanager
def scripted(answers: Sequence[Answer] = ()) -> Iterator[Scripted]:
    """Serve these answers until the block ends."""
    with Scripted(("127.0.0.1", 0), _Handler) as server:
        server.answer(*answers)
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()
