"""What an http agent consumed, where its answer says so."""

import json
from typing import Any

import pytest

from executors.http.http_calls import executor
from executors.http.http_server import answer, serving
from executors.recorder import Recorder
from tock.core.errors import InvalidArgument
from tock.core.mask import Mask
from tock.core.run.outcome import Failed, Succeeded, Usage
from tock.executors.http.answers.usage_paths import UsagePaths
from tock.ports.executor import GivenAnswer, RunContext

PATHS = {"input_tokens": "usage.prompt_tokens", "output_tokens": "usage.completion_tokens", "model": "model"}
BODY = {"text": "ok", "model": "gpt-5", "usage": {"prompt_tokens": 7, "completion_tokens": 2}}


def test_members_that_the_answer_does_not_have_are_left_out() -> None:
    paths = UsagePaths.of({**PATHS, "cost": "usage.0"})

    assert paths is not None
    assert paths.usage(BODY, mask=Mask([])) == Usage(7, 2, model="gpt-5")
    assert paths.usage({"model": "hunter2-hunter2"}, mask=Mask(["hunter2-hunter2"])) == Usage(model="***")
    assert [paths.usage(other, mask=Mask([])) for other in (None, [], {"usage": 3}, "x")] == [Usage()] * 4


@pytest.mark.parametrize(
    "given", ["usage", {}, [], {"tokens": "a"}, {"cost": ""}, {"cost": "a..b"}, {"cost": "x" * 201}, {"cost": 1}]
)
def test_paths_that_are_none_are_refused(given: Any) -> None:
    with pytest.raises(InvalidArgument) as refused:
        executor().check({"url": "https://agents.example.com/run", "usage": given}, project="acme")

    assert refused.value.field == "config.usage"
    assert '"input_tokens": "usage.prompt_tokens"' in refused.value.remedy


async def outcome_of(raw: bytes, context: RunContext, **config: Any) -> Any:
    async with serving(raw) as server:
        config = {"url": f"http://127.0.0.1:{server.port}/run", "usage": PATHS, **config}
        return await executor().execute(config, context)


@pytest.mark.anyio
async def test_a_json_answer_says_what_was_consumed(context: RunContext) -> None:
    outcome = await outcome_of(answer("200 OK", json.dumps(BODY).encode()), context)

    assert outcome == Succeeded(BODY, usage=Usage(7, 2, model="gpt-5"))


@pytest.mark.anyio
async def test_an_answer_that_is_no_success_has_consumed_too(context: RunContext) -> None:
    condition = {"path": "text", "equals": "fine"}

    outcome = await outcome_of(answer("200 OK", json.dumps(BODY).encode()), context, success=condition)

    assert isinstance(outcome, Failed)
    assert (outcome.type, outcome.usage) == ("unsuccessful", Usage(7, 2, model="gpt-5"))


@pytest.mark.anyio
async def test_the_result_of_a_stream_says_what_was_consumed_besides_its_events(
    context: RunContext, recorder: Recorder
) -> None:
    stream = f'event: usage\ndata: {{"cost": 0.5}}\n\nevent: result\ndata: {json.dumps(BODY)}\n\n'

    outcome = await outcome_of(answer("200 OK", stream.encode(), content_type="text/event-stream"), context)

    assert outcome == Succeeded(BODY, usage=Usage(7, 2, model="gpt-5"))
    assert recorder.used == [Usage(cost=0.5)]


@pytest.mark.anyio
async def test_a_callback_says_what_was_consumed(recorder: Recorder) -> None:
    context = recorder.context()
    given = GivenAnswer(approved=None, note="", by="run:run-1", at=context.scheduled_for, value=BODY)

    outcome = await executor().execute(
        {"url": "https://agents.example.com/run", "usage": PATHS}, recorder.context(answer=given)
    )

    assert outcome == Succeeded(BODY, usage=Usage(7, 2, model="gpt-5"))
