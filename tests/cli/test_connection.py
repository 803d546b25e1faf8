"""The credentials that the command line sends."""

from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from tock.cli.client import Client


class Api(HTTPServer):
    """An API that answers everything with nothing, and keeps the headers of the last request."""

    headers: Mapping[str, str]


class _Answer(BaseHTTPRequestHandler):
    server: Api

    def do_GET(self) -> None:
        self.server.headers = dict(self.headers)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep silent."""


@pytest.fixture
def api() -> Iterator[Api]:
    with Api(("127.0.0.1", 0), _Answer) as api:
        thread = Thread(target=api.serve_forever)
        thread.start()
        yield api
        api.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"key": ""}, {}),
        ({"key": "k"}, {"Authorization": "Bearer k"}),
        (
            {"key": "k", "identity_token": "t"},
            {"Authorization": "Bearer k", "X-Serverless-Authorization": "Bearer t"},
        ),
    ],
    ids=["nothing", "a key", "a key, and a token for Cloud Run"],
)
def test_a_key_and_what_cloud_run_asks_for_have_a_header_each(
    api: Api, given: dict[str, str], sent: dict[str, str]
) -> None:
    Client.found(server=f"http://127.0.0.1:{api.server_port}", project="p", **given).call("GET", "/runs")

    assert {name: value for name, value in api.headers.items() if name.endswith("Authorization")} == sent
