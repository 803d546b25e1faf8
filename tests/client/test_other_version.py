"""What the client says of a server that is of another version of Tock."""

from typing import Any

import pytest

import tock
from client.scripted import Answer, problem, scripted
from tock.client.other_version import other_version
from tock.version import VERSION

NEWER = {"Tock-Version": "7.1"}
SAME = {"Tock-Version": VERSION}


def _error(answer: Answer) -> tock.TockClientError:
    with (
        scripted([answer]) as server,
        tock.Client(server.url, project="p", retries=0) as client,
        pytest.raises(tock.TockClientError) as raised,
    ):
        client.agents.get("a")
    return raised.value


@pytest.mark.parametrize(
    "answer",
    [
        problem(404, "no_route", **NEWER),
        problem(400, "invalid_argument", **NEWER),
        Answer(body={"id": "a"}, headers=NEWER),
    ],
    ids=["an unknown operation", "a field that cannot be accepted", "an answer that does not fit"],
)
def test_what_another_version_may_explain_names_both_versions_and_the_remedy(answer: Answer) -> None:
    error = _error(answer)

    assert f"The server is tock 7.1, this client is tock {VERSION}: install `tock==7.1` here" in error.remedy
    assert "is not Tock's API" not in error.problem


def test_a_server_from_before_versions_were_named_is_an_older_one() -> None:
    assert "The server is an older tock" in _error(problem(405, "wrong_method")).remedy


@pytest.mark.parametrize(
    "answer",
    [problem(404, "no_route", **SAME), problem(404, "not_found", **NEWER)],
    ids=["the same version", "what no version explains"],
)
def test_nothing_else_is_said_of_versions(answer: Answer) -> None:
    assert "version" not in str(_error(answer))


@pytest.mark.parametrize("named", ["", "seven", "7.1 \x1b[31m", "7" * 50])
def test_a_version_that_is_none_is_not_repeated(named: Any) -> None:
    said = other_version({"Tock-Version": named})

    assert "The server is an older tock" in said
    assert named not in said or not named
