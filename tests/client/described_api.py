"""An API that answers whatever its OpenAPI document describes with a made-up answer, and keeps what it was sent."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

#: Values for texts of a format.
_FORMATS = {
    "date-time": "2027-01-01T00:00:00Z",
    "date": "2027-01-01",
    "cron": "0 9 * * *",
    "iana-time-zone": "UTC",
}
_STREAM = 'event: end\ndata: {"reason": "settled"}\n\n'


@dataclass
class Sent:
    """What an operation was sent, in one request or in several: names of parameters, and paths in the body."""

    query: set[str] = field(default_factory=set)
    headers: set[str] = field(default_factory=set)
    body: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Operation:
    """An operation as the document describes it."""

    name: str
    method: str
    path: re.Pattern[str]
    query: frozenset[str]
    headers: frozenset[str]
    body: frozenset[str]
    status: int
    answer: Any


class DescribedApi(ThreadingHTTPServer):
    """The server. `sent` has what each operation was sent, `unknown` the requests that no operation is for."""

    daemon_threads = True

    def __init__(self, document: dict[str, Any]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.operations = list(operations(document))
        self.sent: dict[str, Sent] = {}
        self.unknown: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: DescribedApi

    def _answer(self) -> None:
        url = urlsplit(self.path)
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        found = next(
            (each for each in self.server.operations if each.method == self.command and each.path.fullmatch(url.path)),
            None,
        )
        if found is None:
            self.server.unknown.append(f"{self.command} {url.path}")
            return self._send(404, {}, kind="application/json")
        sent = self.server.sent.setdefault(found.name, Sent())
        sent.query |= parse_qs(url.query).keys()
        sent.headers |= {name.lower() for name in self.headers}
        if content:
            sent.body |= set(_paths(json.loads(content)))
        if found.answer == _STREAM:
            return self._send(found.status, found.answer, kind="text/event-stream")
        return self._send(found.status, found.answer, kind="application/json")

    def _send(self, status: int, answer: Any, *, kind: str) -> None:
        content = answer.encode() if isinstance(answer, str) else b"" if answer is None else json.dumps(answer).encode()
        self.send_response(status)
        if content:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def do_PATCH(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """Keep silent."""


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    """Yield each operation of the document."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method == "servers":
                continue
            parameters = operation.get("parameters", [])
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            status, answer = next(
                (int(status), answer) for status, answer in operation["responses"].items() if status.startswith("2")
            )
            yield Operation(
                name=operation["operationId"],
                method=method.upper(),
                path=re.compile(re.sub(r"\\\{\w+\\\}", "[^/:]+", re.escape(path))),
                query=frozenset(each["name"] for each in parameters if each["in"] == "query"),
                headers=frozenset(each["name"].lower() for each in parameters if each["in"] == "header"),
                body=frozenset(_fields(body, document)),
                status=status,
                answer=_sample_of(answer, document),
            )


def _sample_of(answer: dict[str, Any], document: dict[str, Any]) -> Any:
    content = answer.get("content", {})
    if "text/event-stream" in content:
        return _STREAM
    schema = content.get("application/json", {}).get("schema")
    return None if schema is None else _sample(schema, document)


def _sample(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    """Return a value that fits the schema, null where it may be."""
    schema = _resolved(schema, document)
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        is_nullable = {"type": "null"} in choices
        return None if is_nullable else _sample(choices[0], document)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    kind = schema.get("type")
    if kind == "object":
        return {name: _sample(inner, document) for name, inner in schema.get("properties", {}).items()}
    if kind == "string":
        return _text(schema)
    return {"array": [], "integer": schema.get("minimum", 1), "number": 1.0, "boolean": True}.get(kind)


def _text(schema: dict[str, Any]) -> str:
    if "format" in schema:
        return _FORMATS.get(schema["format"], "x")
    return str(schema["examples"][0]) if schema.get("examples") else "x"


def _fields(schema: dict[str, Any], document: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield the path of each field that has no fields of its own."""
    schema = _resolved(schema, document)
    for choice in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from _fields(choice, document, prefix)
    for name, inner in schema.get("properties", {}).items():
        yield from list(_fields(inner, document, f"{prefix}{name}.")) or [f"{prefix}{name}"]


def _resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    while reference := schema.get("$ref"):
        schema = document["components"]["schemas"][reference.rpartition("/")[2]]
    return schema


def _paths(value: Any, prefix: str = "") -> Iterator[str]:
    """Yield the path of each value of a JSON object that is no object, or an empty one."""
    for name, inner in value.items() if isinstance(value, dict) else ():
        found = list(_paths(inner, f"{prefix}{name}."))
        yield from found or [f"{prefix}{name}"]
