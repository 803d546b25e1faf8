"""What people can do with runs of each kind; a refusal of what a kind cannot do names the kinds that can."""

from typing import Any

import pytest

from contract.conftest import Contract
from contract.kinds import KINDS
from tock.ports.executor import Ability
from web.rig import problem

pytestmark = pytest.mark.anyio

ABLE = {
    "python in the loop": {Ability.STEER, Ability.RESUME, Ability.WAIT},
    "python in a process": {Ability.STEER, Ability.RESUME, Ability.WAIT},
    "http": {Ability.STEER},
    "http by a stream": {Ability.STEER},
    "http by callback": {Ability.WAIT},
    "a2a": {Ability.RESUME, Ability.WAIT},
    "llm": {Ability.STEER, Ability.RESUME, Ability.WAIT},
    "command": {Ability.STEER, Ability.RESUME, Ability.WAIT, Ability.WORKSPACE},
}


def test_each_kind_is_in_the_table() -> None:
    assert ABLE.keys() == KINDS.keys()


def refused(answer: Any, contract: Contract, *, verb: str) -> None:
    """Require the 409 that names the kind, the verb and a kind that can."""
    found = problem(answer, 409)
    assert found["code"] == "ability_missing"
    assert f"of kind '{contract.kind.executor.kind}', which cannot {verb}" in found["detail"]
    assert "python" in found["detail"].partition("The kinds that can: ")[2]


@pytest.mark.parametrize("mode", ["steer", "follow_up"])
async def test_who_takes_messages(contract: Contract, mode: str) -> None:
    run = await contract.begin("work")

    answer = await contract.verb(run, "steer", message="Only Monday.", mode=mode)

    if Ability.STEER in ABLE[contract.name]:
        assert (answer.status_code, answer.json()["kind"]) == (202, mode), answer.text
    else:
        refused(answer, contract, verb="steer")


@pytest.mark.parametrize(("verb", "body"), [("answer", {"value": "main"}), ("approve", {}), ("reject", {})])
async def test_who_waits(contract: Contract, verb: str, body: dict[str, Any]) -> None:
    run = await contract.begin("work")

    answer = await contract.verb(run, verb, **body)

    if Ability.WAIT in ABLE[contract.name]:
        assert problem(answer, 409)["code"] == "run_not_waiting"
    else:
        refused(answer, contract, verb="wait")


async def test_who_is_resumed(contract: Contract) -> None:
    run = await contract.settled("work")

    answer = await contract.verb(run, "resume", feedback="more")

    if Ability.RESUME in ABLE[contract.name]:
        assert answer.status_code == 202, answer.text
    else:
        refused(answer, contract, verb="resume")


async def test_who_has_a_workspace(contract: Contract) -> None:
    run = await contract.settled("work")

    answer = await contract.verb(run, "exec", command="work")

    if Ability.WORKSPACE in ABLE[contract.name]:
        assert answer.status_code == 202, answer.text
    else:
        assert "has no workspace: only a run that worked in a repository has one" in problem(answer, 409)["detail"]
