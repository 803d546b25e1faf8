"""Which requests are sent again, after what, and how often."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

import tock
from client.scripted import BUSY, HANGS_UP, Answer, Scripted, problem, scripted
from tock import Client
from tock.client.retries import pause_before
from tock.local.tcp_ports import unused_port

PAGE = {"agents": [], "unreadable": [], "next_page_token": None}
#: Calls whose second request does no more than the first.
REPEATED: dict[str, Callable[[Client], Any]] = {
    "read": lambda client: client.agents.get("a"),
    "list": lambda client: list(client.agents.list()),
    "preview a schedule": lambda client: client.triggers.preview_schedule({"cron": "0 9 * * *"}),
    "put a revision": lambda client: client.agents.put("a", kind="python", if_match=1),
    "change a revision": lambda client: client.agents.update("a", name="b", if_match=1),
    "delete a revision": lambda client: client.agents.delete("a", if_match='"1"'),
    "enable a revision": lambda client: client.triggers.enable("t", if_match=1),
    "run": lambda client: client.agents.run("a"),
    "run with a key": lambda client: client.triggers.run("t", idempotency_key="k"),
    "retry": lambda client: client.runs.retry("r"),
    "resume": lambda client: client.runs.resume("r"),
    "exec": lambda client: client.runs.exec("r", "build"),
    "steer": lambda client: client.runs.steer("r", "look"),
}
#: Calls that might do something twice.
ONCE: dict[str, Callable[[Client], Any]] = {
    "create": lambda client: client.agents.create("a", kind="python"),
    "put": lambda client: client.agents.put("a", kind="python"),
    "put any revision": lambda client: client.agents.put("a", kind="python", if_match="*"),
    "change": lambda client: client.agents.update("a", name="b"),
    "delete": lambda client: client.agents.delete("a"),
    "issue a key": lambda client: client.keys.issue(),
    "approve": lambda client: client.runs.approve("r"),
    "answer": lambda client: client.runs.answer("r", 1),
    "cancel": lambda client: client.runs.cancel("r"),
    "send events": lambda client: client.runs.send_events("r", [{"kind": "x"}]),
}


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted([BUSY]) as server:
        yield server


@pytest.fixture
def client(server: Scripted) -> Iterator[Client]:
    with Client(server.url, project="p", retries=2) as client:
        yield client


@pytest.mark.parametrize("failure", [BUSY, HANGS_UP], ids=["transient", "no answer"])
@pytest.mark.parametrize("call", REPEATED.values(), ids=REPEATED)
def test_what_is_safe_is_sent_again_as_it_was(
    server: Scripted, client: Client, call: Callable[[Client], Any], failure: Answer
) -> None:
    server.answer(failure)

    with pytest.raises(tock.ConnectionFailed if failure.hangs_up else tock.Unavailable):
        call(client)

    assert len(server.requests) == 3
    assert len({request.headers.get("Idempotency-Key") for request in server.requests}) == 1
    assert len({(request.method, request.path, request.headers.get("If-Match")) for request in server.requests}) == 1


@pytest.mark.parametrize("failure", [BUSY, HANGS_UP], ids=["transient", "no answer"])
@pytest.mark.parametrize("call", ONCE.values(), ids=ONCE)
def test_what_might_happen_twice_is_sent_once(
    server: Scripted, client: Client, call: Callable[[Client], Any], failure: Answer
) -> None:
    server.answer(failure)

    with pytest.raises(tock.ConnectionFailed if failure.hangs_up else tock.Unavailable):
        call(client)

    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "final",
    [problem(404, "not_found"), problem(503, "access_unset"), problem(500, "internal"), Answer(503, b"<html>")],
    ids=["not found", "not transient", "defect", "before Tock"],
)
def test_an_answer_that_stays_so_is_not_asked_for_again(server: Scripted, client: Client, final: Answer) -> None:
    server.answer(final)

    with pytest.raises(tock.TockClientError):
        client.agents.get("a")

    assert len(server.requests) == 1


def test_a_request_that_succeeds_at_last_is_a_success(server: Scripted, client: Client) -> None:
    server.answer(BUSY, HANGS_UP, Answer(body=PAGE))

    assert list(client.agents.list()) == []


def test_two_runs_have_two_keys(server: Scripted, client: Client) -> None:
    server.answer(problem(404, "not_found"))
    for _ in range(2):
        with pytest.raises(tock.NotFound):
            client.agents.run("a")

    assert len({request.headers["Idempotency-Key"] for request in server.requests}) == 2


def test_a_conflict_behind_a_lost_answer_says_that_it_may_be_ones_own(server: Scripted, client: Client) -> None:
    server.answer(HANGS_UP, problem(412, "revision_mismatch"))

    with pytest.raises(tock.RevisionConflict) as behind:
        client.agents.put("a", kind="python", if_match=1)
    server.answer(BUSY, problem(412, "revision_mismatch"))
    with pytest.raises(tock.RevisionConflict) as certain:
        client.agents.put("a", kind="python", if_match=1)

    assert behind.value.__notes__ == ["An earlier attempt of this request got no answer: it may be what did this."]
    assert not hasattr(certain.value, "__notes__")


def test_without_retries_everything_is_sent_once(server: Scripted) -> None:
    with Client(server.url, project="p", retries=0) as client, pytest.raises(tock.Unavailable):
        client.agents.get("a")

    assert len(server.requests) == 1


def test_nobody_at_the_address_is_a_failed_connection() -> None:
    url = f"http://127.0.0.1:{unused_port()}"

    with Client(url, project="p", retries=1) as client, pytest.raises(tock.ConnectionFailed, match="does not answer"):
        client.agents.get("a")


@pytest.mark.parametrize(
    ("retry", "jitter", "after", "pause"),
    [
        (1, 0, None, 0.1),
        (1, 1, None, 0.2),
        (3, 1, None, 0.8),
        (20, 1, None, 10),
        (1, 1, "2", 2),
        (1, 1, "0", 0.2),
        (1, 1, "86400", 10),
        (1, 1, "Fri, 01 Jan 2027 00:00:00 GMT", 0.2),
        (1, 1, "²", 0.2),
    ],
)
def test_a_pause_grows_with_jitter_and_is_as_long_as_asked_but_bounded(
    retry: int, jitter: float, after: str | None, pause: float
) -> None:
    answer = httpx.Response(503, headers={} if after is None else {"retry-after": after.encode()})

    assert pause_before(retry, answer=answer, jitter=jitter) == pytest.approx(pause)
