"""The condition on an agent's answer."""

import json
from typing import Any

import pytest

from executors.http.http_calls import SECRET, executor
from executors.http.http_server import answer, serving
from tock.core.errors import InvalidArgument
from tock.core.mask import Mask
from tock.core.run.outcome import Failed, Succeeded
from tock.executors.http.answers.success_condition import SuccessCondition
from tock.ports.executor import RunContext

OK = {"path": "status", "equals": "ok"}


@pytest.mark.parametrize(
    ("path", "equals", "found"),
    [
        ("status", "ok", {"status": "ok"}),
        ("a.b", None, {"a": {"b": None}}),
        ("a.1.b", 2, {"a": [0, {"b": 2}]}),
        ("n", 2, {"n": 2.0}),
        ("done", True, {"done": True}),
        ("0", "x", ["x"]),
        ("7", "x", {"7": "x"}),
    ],
)
def test_an_answer_that_meets_the_condition(path: str, equals: Any, found: Any) -> None:
    condition = SuccessCondition.of({"path": path, "equals": equals})

    assert condition is not None
    assert condition.failure(found, mask=Mask([])) is None


@pytest.mark.parametrize(
    ("path", "equals", "found", "said"),
    [
        ("status", "ok", {"status": "failed"}, """says 'status': "failed"; it must be "ok"."""),
        ("done", True, {"done": 1}, "says 'done': 1; it must be true."),
        ("n", 1, {"n": True}, "says 'n': true; it must be 1."),
        ("status", None, {}, "has no 'status', which must be null."),
        ("status", "ok", None, "has no 'status'"),
        ("a.b", 1, {"a": 1}, "has no 'a.b'"),
        ("9", 1, [1], "has no '9'"),
        ("99999999999999999999", 1, [1], "has no"),
        ("-1", 1, [1], "has no"),
        ("a", 1, {"a": {"b": ["x" * 1000]}}, """says 'a': {"b": ["xxx"""),
        ("a", 1, {"a": "hunter22-hunter22"}, """says 'a': "***"; it"""),
    ],
)
def test_an_answer_that_does_not_is_quoted(path: str, equals: Any, found: Any, said: str) -> None:
    condition = SuccessCondition.of({"path": path, "equals": equals})

    assert condition is not None
    failure = condition.failure(found, mask=Mask(["hunter22-hunter22"]))
    assert isinstance(failure, Failed)
    assert (failure.type, failure.retryable) == ("unsuccessful", False)
    assert said in failure.message
    assert len(failure.message) < 700


@pytest.mark.parametrize(
    "given",
    [
        "status",
        {},
        {"path": "status"},
        {"path": "", "equals": 1},
        {"path": "a..b", "equals": 1},
        {"path": "x" * 201, "equals": 1},
        {"path": "a", "equals": []},
        {"path": "a", "equals": "x" * 201},
        {"path": "a", "equals": 2**53 + 1},
        {"path": "a", "equals": 1e300},
        {"path": 1, "equals": 1},
        {"path": "a", "equals": 1, "not": 2},
    ],
)
def test_what_is_no_condition_is_refused(given: Any) -> None:
    with pytest.raises(InvalidArgument) as caught:
        executor().check({"url": "https://agents.example.com/", "success": given}, project="acme")

    assert caught.value.field == "config.success"


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("head", "body", "kind"),
    [
        ("application/json", json.dumps({"status": "ok"}), Succeeded),
        ("application/json", json.dumps({"status": f"not {SECRET}"}), Failed),
        ("application/json", "", Failed),
        ("text/event-stream", 'event: result\ndata: {"status": "ok"}\n\n', Succeeded),
        ("text/event-stream", 'event: result\ndata: {"status": "no"}\n\n', Failed),
    ],
)
async def test_the_condition_decides_about_each_kind_of_answer(
    head: str, body: str, kind: type, context: RunContext
) -> None:
    async with serving(answer("200 OK", body.encode(), content_type=head)) as server:
        outcome = await executor().execute({"url": f"http://127.0.0.1:{server.port}/", "success": OK}, context)

    assert isinstance(outcome, kind)
    assert kind is Succeeded or outcome.type == "unsuccessful"
    assert SECRET not in str(outcome)
