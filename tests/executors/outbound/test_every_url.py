"""Each URL of each kind's configuration passes the address guard, whatever form an inner address is written in."""

from collections.abc import Callable
from typing import Any

import pytest

from executors.llm.llm_calls import MODEL
from executors.llm.llm_calls import executor as llm_executor
from executors.outbound.test_address_guard import PRIVATE
from tock.bootstrap.system_clock import SystemClock
from tock.core.errors import InvalidArgument
from tock.executors.a2a.executor import A2aExecutor
from tock.executors.http.executor import HttpExecutor

PUBLIC = "https://agents.example.com/"
INNER = [
    *(f"https://{f'[{address}]' if ':' in address else address}/" for address in PRIVATE),
    "https://2130706433/",
    "https://0x7f000001/",
    "https://017700000001/",
    "https://127.1/",
    "https://127。0。0。1/",
    "https://localhost/",
    "https://metadata.google.internal/",
    "https://agents.example.com@127.0.0.1/",
    "https://agents.example.com\\@127.0.0.1/",
    "http://agents.example.com/",
    "file:///etc/passwd",
]


def _http() -> HttpExecutor:
    return HttpExecutor(allowed_hosts=[], secrets={}, now=SystemClock().now)


def _a2a() -> A2aExecutor:
    return A2aExecutor(allowed_hosts=[], secrets={}, now=SystemClock().now)


#: An executor, the configuration that has this URL, and the field that the refusal names.
PLACES: dict[str, tuple[Callable[[], Any], Callable[[str], dict[str, Any]], str]] = {
    "http": (_http, lambda url: {"url": url}, "config.url"),
    "http, to cancel": (_http, lambda url: {"url": PUBLIC, "cancel_url": url}, "config.cancel_url"),
    "http, to steer": (_http, lambda url: {"url": PUBLIC, "steer_url": url}, "config.steer_url"),
    "a2a, of the card": (_a2a, lambda url: {"url": url}, "config.url"),
    "llm, of an MCP server": (
        llm_executor,
        lambda url: {"model": MODEL, "tools": [{"mcp_url": url}]},
        "config.tools[0].mcp_url",
    ),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("url", INNER)
def test_a_url_of_an_inner_address_is_refused_with_its_field(place: str, url: str) -> None:
    build, config, field = PLACES[place]

    with pytest.raises(InvalidArgument) as caught:
        build().check(config(url), project="acme")

    assert caught.value.field == field


@pytest.mark.parametrize("place", PLACES)
def test_a_public_url_is_accepted(place: str) -> None:
    build, config, _ = PLACES[place]

    build().check(config(PUBLIC), project="acme")
