"""A server that is not Tock, a damaged address, and values that a request cannot carry get a sentence each."""

import json
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tock.cli.exit_status import ExitStatus
from tock.cli.main import main
from tock.local.tcp_ports import unused_port

HTML = "<html><title>It works!</title></html>"
PROBLEM = {
    "type": "urn:tock:problem:not-found",
    "code": "not_found",
    "title": "Not there",
    "detail": "There is no run 'x'.",
}


class Stranger(HTTPServer):
    """A web server that gives every request the same answer, and counts them."""

    status = 200
    headers: dict[str, str]
    body = b""
    requests = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Stranger

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.requests += 1
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PATCH(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """Keep silent."""


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    with Stranger(("127.0.0.1", 0), _Handler) as server:
        server.headers = {}
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def refusal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., str]:
    """Call `tock` in an empty folder, which must end with this status, and return what it says on standard error."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str, code: int = ExitStatus.FAILED) -> str:
        monkeypatch.setattr(sys, "argv", ["tock", "--project", "demo", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        output = capsys.readouterr()
        assert (ended.value.code, output.out) == (code, "")
        assert output.err.startswith("Error: ")
        return output.err

    return run


JSON = {"Content-Type": "application/json"}
STRANGERS = {
    "html": (
        200,
        {"Content-Type": "text/html; charset=utf-8"},
        HTML,
        "is not Tock's API: it answered 200 with text/html",
    ),
    "text": (200, {"Content-Type": "text/plain"}, "OK", "is not Tock's API: it answered 200 with text/plain: 'OK'"),
    "nothing": (200, {}, "", "is not Tock's API: it answered 200 with no content type"),
    "no content type": (200, {}, '{"runs": []}', "is not Tock's API: it answered 200 with no content type"),
    "other json": (200, JSON, '{"hello": "world"}', "is not Tock's API: its answer has no "),
    "a list": (200, JSON, "[]", "is not Tock's API: it answered 200 with application/json: '[]'"),
    "null": (200, JSON, "null", "is not Tock's API: it answered 200 with application/json: 'null'"),
    "a word": (200, JSON, '"ok"', "is not Tock's API: it answered 200 with application/json"),
    "cut json": (200, JSON, '{"runs": [', "is not Tock's API: it answered 200 with application/json"),
    "deep json": (200, JSON, "[" * 100_000, "is not Tock's API: it answered 200 with application/json"),
    "no utf-8": (200, JSON, b"\xff\xfe\x00", "is not Tock's API: it answered 200 with application/json"),
    "other runs": (200, JSON, '{"runs": [{"id": 7}]}', "is not Tock's API: its answer has no "),
    "redirect": (
        302,
        {"Location": "https://login.example/?next=x"},
        "",
        "redirects to 'https://login.example/?next=x'",
    ),
    "redirect to nowhere": (301, {}, "", "redirects to 'nowhere'"),
    "html 404": (404, {"Content-Type": "text/html"}, HTML, "answered 404, but not as Tock does, with text/html"),
    "json 404": (404, JSON, '{"error": {"code": 404}}', "answered 404, but not as Tock does, with application/json"),
    "list 400": (400, JSON, "[1]", "answered 400, but not as Tock does, with application/json: '[1]'"),
    "html 503": (503, {"Content-Type": "text/html"}, HTML, "answered 503, but not as Tock does, with text/html"),
    "google 403": (403, {"Content-Type": "text/html"}, HTML, "answered 403 before Tock could"),
    "fastapi 401": (401, JSON, '{"detail": "Not authenticated"}', "answered 401 before Tock could"),
    "tock": (404, {"Content-Type": "application/problem+json"}, json.dumps(PROBLEM), "Error: There is no run 'x'."),
    "odd errors": (400, JSON, json.dumps(PROBLEM | {"errors": {"a": 1}}), "Error: There is no run 'x'."),
    "odd error": (400, JSON, json.dumps(PROBLEM | {"errors": [1, {"field": "id"}]}), "id: None"),
}


@pytest.mark.parametrize("answer", STRANGERS.values(), ids=STRANGERS)
def test_a_server_that_answers_unlike_tock_is_named(
    stranger: Stranger, refusal: Callable[..., str], answer: tuple[int, dict[str, str], str | bytes, str]
) -> None:
    stranger.status, stranger.headers, body, said = answer
    stranger.body = body if isinstance(body, bytes) else body.encode()

    message = refusal("--server", stranger.url, "runs", "list")

    assert said in message
    assert stranger.url in message or "There is no run" in message


@pytest.mark.parametrize(
    "command",
    [
        ["agents", "list"],
        ["agents", "show", "a"],
        ["agents", "create", "a", "--kind", "http", "--config", "{}"],
        ["agents", "delete", "a", "--yes"],
        ["agents", "run", "a"],
        ["agents", "run", "a", "--wait"],
        ["triggers", "list"],
        ["triggers", "show", "t"],
        ["triggers", "create", "t", "--agent", "a", "--every", "1m"],
        ["triggers", "edit", "t", "{}"],
        ["triggers", "enable", "t"],
        ["triggers", "disable", "t"],
        ["triggers", "delete", "t", "--yes"],
        ["triggers", "run", "t"],
        ["triggers", "preview", "t"],
        ["triggers", "proof", "t"],
        ["runs", "show", "r"],
        ["runs", "retry", "r"],
        ["runs", "cancel", "r"],
        ["runs", "follow", "r"],
        ["projects", "list"],
        ["projects", "create", "p"],
        ["keys", "list"],
        ["keys", "create"],
        ["keys", "revoke", "k", "--yes"],
        ["proof", "t"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("kind", ["text/html", "application/json"])
def test_no_command_takes_another_server_for_tock(
    stranger: Stranger, refusal: Callable[..., str], command: list[str], kind: str
) -> None:
    stranger.headers, stranger.body = {"Content-Type": kind}, b"[]"

    assert "is not Tock's API" in refusal("--server", stranger.url, *command)


# ---------------------------------------------------------------- what is no web server


@contextmanager
def _listening(said: bytes) -> Iterator[str]:
    """A server that says this to everybody and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            # What only reads is asked again.
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        connection.sendall(said)
                        connection.recv(1000)

        thread = Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.parametrize(
    "said",
    [b"SSH-2.0-OpenSSH_9.6\r\n", b"", b"\x00\xff" * 50, b"HTTP/9.9 hello\r\n\r\n"],
    ids=["ssh", "silence", "bytes", "http"],
)
def test_a_port_that_speaks_no_http_is_named(refusal: Callable[..., str], said: bytes) -> None:
    with _listening(said) as url:
        message = refusal("--server", url, "runs", "list")

    assert f"{url} answers, but not as a web server does: " in message
    assert "Check the URL (--server or TOCK_SERVER)" in message


def test_a_closed_port_is_named(refusal: Callable[..., str]) -> None:
    url = f"http://127.0.0.1:{unused_port()}"

    message = refusal("--server", url, "runs", "list")

    assert f"{url} does not answer: " in message
    assert "`tock dev` starts a local one" in message


@pytest.mark.parametrize(
    ("server", "said"),
    [
        ("localhost:8080", "Write http://localhost:8080 or https://localhost:8080."),
        ("tock.example", "Write http://tock.example or https://tock.example."),
        ("ftp://tock.example", "'ftp://tock.example' is not the URL of a web server"),
        ("http://", "'http://' is not the URL of a web server"),
        ("http://[::", "The server is not a URL"),
        ("http://a:99999", "has a port that is not from 1 to 65535"),
        ("http://tock.example?x=1", "has a query or a fragment"),
        ("https://u:hunter2@tock.example", "holds a user name or password"),
        ("https://u:hunter2@[::/", "The server is not a URL"),
        ("http://\u202e", "The server is not a URL"),
    ],
)
def test_a_url_that_cannot_be_used_is_named_without_its_password(
    refusal: Callable[..., str], server: str, said: str
) -> None:
    message = refusal("--server", server, "runs", "list", code=ExitStatus.USAGE)

    assert said in message
    assert "hunter2" not in message


# ---------------------------------------------------------------- what a request cannot carry


SECRET = "schlüssel-geheim"
UNSENDABLE = {
    "idempotency key": (["agents", "run", "a", "--idempotency-key", "schlüssel"], "--idempotency-key: 'schlüssel' has"),
    "idempotency key with a space": (
        ["agents", "run", "a", "--idempotency-key", "a b"],
        "--idempotency-key: 'a b' has",
    ),
    "idempotency key with a line": (["runs", "retry", "r", "--idempotency-key", "a\nb"], "--idempotency-key: 'a\\nb'"),
    "key": (["--key", SECRET, "runs", "list"], "--key (TOCK_KEY): the value has characters other than visible ASCII"),
    "key with a line": (["--key", "k\n", "runs", "list"], "--key (TOCK_KEY): the value has"),
    "identity token": (
        ["--identity-token", SECRET, "runs", "list"],
        "--identity-token (TOCK_IDENTITY_TOKEN): the value",
    ),
    "not a number": (
        ["agents", "run", "a", "--payload", '{"x": NaN}'],
        "--payload (input.payload.x): takes a finite number",
    ),
    "infinite": (
        ["triggers", "create", "t", "--agent", "a", "--every", "1h", "--payload", '{"x": [1e999]}'],
        "--payload (input.payload.x[0]): takes a finite number",
    ),
    "deep": (["agents", "run", "a", "--payload", "[" * 100_000], "--payload: the JSON is nested too deeply"),
    "half a character": (
        ["runs", "list", "--status", "caf\udce9"],
        "--status: holds half of a surrogate pair, which is no character",
    ),
    "id with a space": (["runs", "show", "a b"], "'a b' is not an id"),
    "id with a query": (["triggers", "delete", "t?force=1", "--yes"], "'t?force=1' is not an id"),
    "id above": (["triggers", "delete", "..", "--yes"], "'..' is not an id"),
    "project above": (["--project", "..", "runs", "list"], "'..' is not an id"),
}


@pytest.mark.parametrize(("words", "said"), UNSENDABLE.values(), ids=UNSENDABLE)
def test_what_a_request_cannot_carry_is_named_and_nothing_is_sent(
    stranger: Stranger, refusal: Callable[..., str], words: list[str], said: str
) -> None:
    message = refusal("--server", stranger.url, *words, code=ExitStatus.USAGE)

    assert said in message
    assert SECRET not in message
    assert stranger.requests == 0


def test_a_file_that_is_not_utf_8_is_named(stranger: Stranger, refusal: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "payload.json").write_bytes(b'{"name": "caf\xe9"}')

    words = ("agents", "run", "a", "--payload", "@payload.json")
    assert "--payload: payload.json is not UTF-8" in refusal("--server", stranger.url, *words, code=ExitStatus.USAGE)


def test_a_file_with_a_byte_order_mark_is_read(stranger: Stranger, refusal: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "payload.json").write_bytes(b'\xef\xbb\xbf{"name": "x"}')

    refusal("--server", stranger.url, "agents", "run", "a", "--payload", "@payload.json")

    assert stranger.requests == 1


# ---------------------------------------------------------------- the address of the local stack


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"api": "http://127.0',
        b"[]",
        b"5",
        b'{"api": 5, "project": "demo"}',
        b'{"api": "http://a"}',
        b"\xff",
        b"[" * 100_000,
    ],
    ids=["empty", "cut", "list", "number", "wrong type", "no project", "no text", "deep"],
)
def test_a_damaged_address_is_named(refusal: Callable[..., str], tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".tock").mkdir()
    (tmp_path / ".tock" / "stack.json").write_bytes(content)

    message = refusal("runs", "list", code=ExitStatus.USAGE)

    assert f"{tmp_path}/.tock/stack.json, which holds the address of the local stack, is damaged." in message
    assert f"Stop `tock dev` in {tmp_path} and start it again" in message
