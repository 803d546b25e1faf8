"""What the command line sends to prove who calls."""

from typing import Any

import httpx
import pytest

from tock.cli.client import Client


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
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], sent: dict[str, str]
) -> None:
    seen: list[dict[str, str]] = []

    def request(*_: Any, headers: dict[str, str], **__: Any) -> httpx.Response:
        seen.append(headers)
        return httpx.Response(204)

    monkeypatch.setattr(httpx, "request", request)
    Client.found(server="https://api.example", project="p", **given).call("GET", "/runs")

    assert seen == [sent]
