"""What the command line shows of stored documents and events that cannot be read, and of a run's warnings."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from typer.testing import CliRunner

from client.shown import a_page
from tock.cli.main import app

BROKEN = {"id": "broken", "problem": "overlap: Input should be 'skip'"}


class Api(ThreadingHTTPServer):
    """An API that answers every path with what `answers` has for it, and notes the deletions."""

    answers: dict[str, Any]
    deleted: list[str]


class _Answer(BaseHTTPRequestHandler):
    server: Api

    def do_GET(self) -> None:
        path = self.path.removeprefix("/v1/projects/p")
        found = self.server.answers.get(path, self.server.answers.get(path.partition("?")[0]))
        body = json.dumps(found).encode()
        self.send_response(404 if found is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_DELETE(self) -> None:
        self.server.deleted.append(self.path)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep silent."""


@pytest.fixture
def api() -> Iterator[Api]:
    with Api(("127.0.0.1", 0), _Answer) as api:
        api.answers, api.deleted = {}, []
        thread = Thread(target=api.serve_forever, args=(0.01,))
        thread.start()
        yield api
        api.shutdown()
        thread.join()


def tock(api: Api, *words: str) -> str:
    done = CliRunner().invoke(app, ["--server", f"http://127.0.0.1:{api.server_port}", "--project", "p", *words])
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.parametrize(
    ("words", "path", "kind"),
    [
        (("triggers", "list"), "/triggers", "triggers"),
        (("agents", "list"), "/agents", "agents"),
        (("runs", "list"), "/runs", "runs"),
        (("keys", "list"), "/api-keys", "api_keys"),
        (("projects", "list"), "/v1/projects", "projects"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_a_list_names_what_cannot_be_read_and_why(api: Api, words: tuple[str, ...], path: str, kind: str) -> None:
    page = a_page(kind, unreadable=[BROKEN], of_a_newer_server=1)
    api.answers[path] = page

    shown = tock(api, *words)
    as_json = json.loads(tock(api, *words, "--json"))

    assert "cannot be read" in shown
    assert "broken" in shown
    assert BROKEN["problem"] in shown
    assert as_json == page


def test_the_warnings_of_a_run_are_shown(api: Api, settled_run: dict[str, Any]) -> None:
    api.answers |= {"/runs/r": settled_run}

    assert settled_run["warnings"][0] in tock(api, "runs", "show", "r")


def test_the_record_of_a_run_is_deleted(api: Api) -> None:
    assert "Run r deleted." in tock(api, "runs", "delete", "r", "--yes")
    assert api.deleted == ["/v1/projects/p/runs/r"]
