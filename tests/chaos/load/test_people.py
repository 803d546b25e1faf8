"""The runs that people keep from the answers: one per key, however often they send the request."""

from datetime import timedelta

import httpx
import pytest

from chaos.faults.scripted_server import DISCONNECT, answer, serving
from chaos.load.people import People
from chaos.load.talkers import Talkers
from core.builders import NOON
from tock.core.run.run_token import RunTokens

pytestmark = pytest.mark.anyio

TOKENS = RunTokens("k" * 40)
FIRST, SECOND = answer(202, '{"id": "run-1"}'), answer(202, '{"id": "run-2"}')


def _people(url: str) -> People:
    return People(
        urls={"api": url, "trigger": url}, seed=1, end=NOON, lease=timedelta(seconds=12), talkers=Talkers(TOKENS)
    )


@pytest.mark.parametrize(
    ("answers", "again", "remembered"),
    [
        ([FIRST, SECOND], False, {"run-1"}),
        ([FIRST, FIRST], True, {"run-1"}),
        ([FIRST, SECOND], True, {"run-1", "run-2"}),
        ([DISCONNECT, FIRST], False, {"run-1"}),
        ([FIRST, DISCONNECT, SECOND], True, {"run-1", "run-2"}),
    ],
    ids=["once", "twice alike", "twice different", "after a break", "with a break between"],
)
async def test_every_run_that_a_key_was_answered_with_is_remembered(
    *, answers: list[bytes], again: bool, remembered: set[str]
) -> None:
    async with serving(*answers) as url:
        people = _people(url)

        async with people._client(timeout=30) as client:
            await people._launch(
                client, url, project="library", body={"project": "library"}, key="start-1", again=again
            )

    assert people.answered == {("library", "start-1"): remembered}


async def test_a_refusal_is_no_answer_with_a_run() -> None:
    async with serving(answer(409, '{"id": "run-1"}')) as url:
        people = _people(url)

        async with people._client(timeout=30) as client:
            refused = await people._launch(
                client, url, project="library", body={"project": "library"}, key="start-1", again=True
            )

    assert refused.status_code == httpx.codes.CONFLICT
    assert people.answered == {}
