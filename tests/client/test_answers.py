"""What the client takes for an answer of Tock's, and what it says of any other."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

import tock
from client.scripted import BUSY, Answer, Scripted, problem, scripted
from tock import Client

AT = {"at": "2027-01-01T00:00:00Z", "by": "ada"}
AGENT: dict[str, Any] = {
    "project": "p",
    "id": "a",
    "revision": 1,
    "name": None,
    "description": "",
    "kind": "python",
    "config": {},
    "enabled": True,
    "concurrency": None,
    "evidence": None,
    "progress_every": None,
    "labels": {},
    "created": AT,
    "updated": AT,
}


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted([Answer(body=AGENT)]) as server:
        yield server


@pytest.fixture
def client(server: Scripted) -> Iterator[Client]:
    with Client(server.url, project="p", key="k", retries=0) as client:
        yield client


def test_fields_of_a_newer_server_are_left_out_at_any_depth(server: Scripted, client: Client) -> None:
    newer = AGENT | {"colour": "red", "created": AT | {"from": "console"}, "evidence": {"events": ["x"], "more": 1}}
    server.answer(Answer(body=newer))

    agent = client.agents.get("a")

    assert agent.model_dump(mode="json") == AGENT | {
        "evidence": {"output_schema": None, "events": ["x"], "min_tokens": None}
    }


def test_each_answer_is_passed_on_as_it_came(server: Scripted) -> None:
    seen: list[httpx.Response] = []
    server.answer(BUSY, Answer(body=AGENT | {"colour": "red"}))

    with Client(server.url, project="p", on_answer=seen.append) as client:
        client.agents.get("a")

    assert [answer.status_code for answer in seen] == [503, 200]
    assert seen[1].json() == AGENT | {"colour": "red"}


def test_what_a_newer_server_accepts_beyond_this_clients_bounds_is_shown(server: Scripted, client: Client) -> None:
    large = {"text": "x" * 100_000}
    server.answer(Answer(body=AGENT | {"config": large}))

    assert client.agents.get("a").config == large


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(body={key: AGENT[key] for key in AGENT if key != "revision"}), "its answer has no 'revision'"),
        (Answer(body=AGENT | {"created": {"by": "ada"}}), "its answer has no 'created.at'"),
        (Answer(body=AGENT | {"revision": "new"}), "'revision' of its answer: Input should be a valid integer"),
        (Answer(body=[AGENT]), "it answered 200 with application/json"),
        (Answer(204, b""), "it answered 204 with application/json"),
        (Answer(body=b"<html>", headers={"Content-Type": "text/html"}), "it answered 200 with text/html: '<html>'"),
        (Answer(body=b"{" * 100_000), "it answered 200 with application/json"),
        (Answer(302, b"", {"Location": "https://login.example/"}), "redirects to 'https://login.example/'"),
        (Answer(404, b"<html>", {"Content-Type": "text/html"}), "answered 404, but not as Tock does"),
        (Answer(403, b"<html>", {"Content-Type": "text/html"}), "answered 403 before Tock could"),
    ],
    ids=str,
)
def test_another_server_or_version_is_named(server: Scripted, client: Client, answer: Answer, said: str) -> None:
    server.answer(answer)

    with pytest.raises(tock.NotTock) as raised:
        client.agents.get("a")

    assert said in str(raised.value)
    assert raised.value.status == answer.status
    assert raised.value.remedy
    if answer.status == 200:
        assert "another version than this client" in str(raised.value)


def test_an_answer_where_none_is_due_is_no_success(client: Client) -> None:
    with pytest.raises(tock.NotTock):
        client.agents.delete("a")


def test_a_code_of_a_newer_server_goes_by_its_status(server: Scripted, client: Client) -> None:
    server.answer(problem(409, "out_of_budget"))

    with pytest.raises(tock.Conflict) as raised:
        client.agents.get("a")

    assert (raised.value.code, str(raised.value)) == ("out_of_budget", "D.")


def test_odd_fields_of_a_problem_are_shown_as_far_as_they_can_be(server: Scripted, client: Client) -> None:
    body = {"code": "invalid_argument", "detail": "No.", "errors": [1, {"field": "id", "message": "choose another"}]}
    server.answer(Answer(400, body, {"Content-Type": "application/problem+json"}))

    with pytest.raises(tock.InvalidRequest) as raised:
        client.agents.get("a")

    assert str(raised.value) == "No."
    assert raised.value.errors[1].field == "id"
    assert "id: choose another" in raised.value.__notes__


def test_the_key_goes_along_and_is_never_shown(server: Scripted) -> None:
    with Client(server.url, project="p", key="hunter2", identity_token="hunter3", retries=0) as client:
        client.agents.get("a")
        shown = f"{client!r} {vars(client)!r} {client.agents._sender.connection!r}"

    sent = server.requests[0].headers
    assert (sent["Authorization"], sent["X-Serverless-Authorization"]) == ("Bearer hunter2", "Bearer hunter3")
    assert "hunter" not in shown
