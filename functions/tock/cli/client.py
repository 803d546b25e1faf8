"""Calls Tock's API for the command line: sends one request and returns its JSON, or raises an error with a hint."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tock.cli.answer import Answer, read_answer
from tock.cli.errors import CommandError, StreamBroke
from tock.client.local_stack import StackFileDamaged, find_local_stack

TIMEOUT_SECONDS = 30
_CHECK_SERVER = "Check the URL (--server or TOCK_SERVER) and that the server runs. `tock dev` starts a local one."
#: The option that each header's value comes from.
_OPTIONS = {
    "Authorization": "--key (TOCK_KEY)",
    "X-Serverless-Authorization": "--identity-token (TOCK_IDENTITY_TOKEN)",
    "Idempotency-Key": "--idempotency-key",
}
_EVENT_STREAM = "text/event-stream"
_SECRET = ("Authorization", "X-Serverless-Authorization")
#: What Tock accepts in these headers.
_VISIBLE = re.compile(r"[!-~]*")
#: A segment of a path: an id, with a verb behind it or not.
_SEGMENT = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,255}(?::[a-z]+)?")


@dataclass(frozen=True, slots=True)
class Client:
    """The server, project and key to use. Cloud Run also requires `identity_token` if the API is not open to all."""

    server: str
    project: str
    key: str
    identity_token: str = ""

    @classmethod
    def found(cls, *, server: str, project: str, key: str, identity_token: str = "") -> "Client":
        """Return a client of the given server, or of the local stack in this folder or in a folder above it.

        Raises CommandError if there is no server or no project, or if the server's URL cannot be used.
        """
        try:
            local = {} if server else find_local_stack()
        except StackFileDamaged as exc:
            raise CommandError(str(exc), details=(exc.remedy,)) from exc
        server = server or local.get("api", "")
        project = project or local.get("project", "")
        if not server:
            hint = "Start a local one with `tock dev`, or give its URL: --server URL or TOCK_SERVER=URL."
            raise CommandError("No server is known.", details=(hint,))
        if not project:
            raise CommandError("No project is given.", details=("Give its id: --project ID or TOCK_PROJECT=ID.",))
        _check_server(server)
        return cls(server=server.rstrip("/"), project=project, key=key, identity_token=identity_token)

    def call(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        parameters: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request and return its JSON; `path` is relative to the project, unless it starts with `/v1/`.

        Raises CommandError with the server's error message, or if the server is not Tock or does not answer.
        """
        url, sent = self._url(path), self._headers(headers or {})
        given = {name: value for name, value in (parameters or {}).items() if value is not None}
        content = None if body is None else _encoded(body)
        if content is not None:
            sent["Content-Type"] = "application/json"
        with self._errors():
            answer = httpx.request(
                method, url, content=content, params=given, headers=sent, timeout=TIMEOUT_SECONDS, trust_env=False
            )
        return read_answer(answer, server=self.server)

    @contextmanager
    def stream(self, path: str, *, headers: Mapping[str, str]) -> Iterator[Iterator[str]]:
        """Yield the lines of a stream of server-sent events, as they come.

        Raises CommandError like `call`; StreamBroke if the server does not answer, or no longer.
        """
        sent = self._headers(headers) | {"Accept": _EVENT_STREAM}
        url = self._url(path)
        try:
            with (
                self._errors(),
                httpx.stream("GET", url, headers=sent, timeout=TIMEOUT_SECONDS, trust_env=False) as answer,
            ):
                yield self._lines(answer)
        except CommandError as exc:
            if isinstance(exc.__cause__, httpx.TransportError):
                raise StreamBroke(str(exc), details=exc.details) from exc
            raise

    def _lines(self, answer: httpx.Response) -> Iterator[str]:
        if answer.status_code == httpx.codes.OK and _is_event_stream(answer):
            return answer.iter_lines()
        answer.read()
        read_answer(answer, server=self.server)
        raise CommandError(f"{self.server} is not Tock's API: it sends no events.", details=(_CHECK_SERVER,))

    def _url(self, path: str) -> str:
        path = path if path.startswith("/v1/") else f"/v1/projects/{self.project}{path}"
        _check_path(path)
        return self.server + path

    def _headers(self, given: Mapping[str, str]) -> dict[str, str]:
        tokens = {"Authorization": self.key, "X-Serverless-Authorization": self.identity_token}
        _check_headers(tokens | dict(given))
        return dict(given) | {name: f"Bearer {token}" for name, token in tokens.items() if token}

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Raise what goes wrong with a request as a CommandError."""
        try:
            yield
        except httpx.TimeoutException as exc:
            problem = f"{self.server} did not answer within {TIMEOUT_SECONDS} s"
            raise CommandError(problem, details=(_CHECK_SERVER,)) from exc
        except (httpx.ProtocolError, httpx.DecodingError) as exc:
            problem = f"{self.server} answers, but not as a web server does: {exc}"
            raise CommandError(problem, details=(_CHECK_SERVER,)) from exc
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            raise CommandError(f"{self.server} does not answer: {exc}", details=(_CHECK_SERVER,)) from exc
        except UnicodeError as exc:
            raise CommandError(f"The request cannot be sent: an option is not valid text ({exc}).") from exc


def _is_event_stream(answer: httpx.Response) -> bool:
    kind: str = answer.headers.get("content-type", "")
    return kind.partition(";")[0].strip() == _EVENT_STREAM


def _check_server(server: str) -> None:
    try:
        url = httpx.URL(server)
    except httpx.InvalidURL as exc:
        # The text may hold a password, so it is not repeated.
        raise CommandError(f"--server: not a URL: {exc}", details=(_CHECK_SERVER,)) from exc
    if url.port is not None and not 0 < url.port < 1 << 16:
        raise CommandError(f"--server: {server!r} has a port that is not from 1 to 65535.")
    if url.userinfo:
        raise CommandError("--server: the URL holds a user name or password: give the key with --key or TOCK_KEY.")
    if url.scheme not in {"http", "https"} or not url.host:
        hint = f"Write http://{server} or https://{server}." if "://" not in server else "Write https://HOST."
        raise CommandError(f"--server: {server!r} is not the URL of a web server.", details=(hint,))
    if url.query or url.fragment:
        raise CommandError(f"--server: {server!r} has a query or a fragment: leave out what follows the path.")


def _check_path(path: str) -> None:
    for segment in path.removeprefix("/").split("/"):
        if not _SEGMENT.fullmatch(segment):
            raise CommandError(f"{segment!r} is not an id: ids are made of letters, digits, '.', '_' and '-'.")


def _check_headers(headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        if not _VISIBLE.fullmatch(value):
            shown = "the value" if name in _SECRET else repr(value)
            raise CommandError(
                f"{_OPTIONS.get(name, name)}: {shown} has characters other than visible ASCII.",
                details=("Use letters, digits and punctuation, without spaces and line breaks.",),
            )


def _encoded(body: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(body, allow_nan=False).encode()
    except (ValueError, RecursionError) as exc:
        raise CommandError(f"The request cannot be sent: the JSON object is too deep or has NaN ({exc}).") from exc
