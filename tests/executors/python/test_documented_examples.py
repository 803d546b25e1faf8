"""The examples of docs/agents/python.md: each of them runs as the page says."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from documentation.pages import codes
from executors.recorder import Recorder
from tock.core.run.outcome import Continue, OnDeadline, Succeeded, Usage, WaitFor, Waiting
from tock.core.run.run_token import RunTokens
from tock.executors.callbacks import Callbacks
from tock.executors.python.executor import PythonExecutor
from tock.ports.executor import GivenAnswer
from tock.ports.host import Message, Previous, PreviousFailure

pytestmark = pytest.mark.anyio
EXAMPLES = codes("docs/agents/python.md", "python")
AT = datetime(2027, 3, 28, tzinfo=UTC)
YES = GivenAnswer(approved=True, note="", by="ada", at=AT)
TITLE = GivenAnswer(approved=None, note="", by="ada", at=AT, value="News")


@dataclass(frozen=True)
class Case:
    """An example by its place on the page, what its run has, and what is expected of it."""

    place: int
    function: str
    given: Mapping[str, Any]
    outcome: Any
    events: list[tuple[str, Any]] = field(default_factory=list)
    states: list[Any] = field(default_factory=list)
    used: list[Usage] = field(default_factory=list)
    logged: list[tuple[str, str]] = field(default_factory=list)


REPO = {"input": {"repo": "tock"}}
DIGEST = Succeeded({"headline": "Digest of tock"})
CALLBACKS = Callbacks(url="https://api.example.com", tokens=RunTokens("k" * 32))
LETTER = {"input": {"to": "Ann"}}
CASES = [
    Case(0, "digest", REPO, DIGEST, events=[("progress", {"repo": "tock"})]),
    Case(1, "digest", REPO, DIGEST, events=[("progress", {"repo": "tock"})]),
    Case(2, "copy_pages", {"input": {"pages": 3}}, Succeeded({"copied": 3}), states=[1, 2, 3]),
    Case(2, "copy_pages", {"input": {"pages": 3}, "state": 2}, Succeeded({"copied": 1}), states=[3]),
    Case(3, "chat", {}, Succeeded({"heard": ["hello", "stop"]})),
    Case(4, "chat", {}, Succeeded({"heard": ["hello", "stop"]})),
    Case(5, "send_letter", LETTER, Waiting(WaitFor.APPROVAL, question="Send the letter to Ann?")),
    Case(5, "send_letter", {**LETTER, "answer": YES}, Succeeded({"sent": True})),
    Case(
        6,
        "ask_for_title",
        {},
        Waiting(WaitFor.INPUT, question="Which title?", deadline=timedelta(hours=8), on_deadline=OnDeadline.CONTINUE),
    ),
    Case(6, "ask_for_title", {"answer": TITLE}, Succeeded({"title": "News"})),
    Case(7, "transcribe", {}, Waiting(WaitFor.CALLBACK)),
    Case(7, "transcribe", {"answer": replace(TITLE, value={"text": "Hello."})}, Succeeded({"text": "Hello."})),
    Case(8, "read_all", {"input": {"pages": 300}}, Continue(after=timedelta(seconds=30)), states=[100]),
    Case(8, "read_all", {"input": {"pages": 300}, "state": 200}, Succeeded({"read": 300})),
    Case(9, "talk", {"message": "Hello"}, Succeeded({"turns": 2})),
    Case(10, "news", {}, Succeeded({"since": 7, "last": 12}), events=[("progress", {"failed before": "wrong"})]),
    Case(11, "summary", {}, Succeeded({"summary": "All is well."}), used=[Usage(1200, 80, 0.004, "small")]),
    Case(
        12,
        "careful",
        {"input": {"a": 1}},
        Succeeded({"values": 1}),
        logged=[("info", "beginning"), ("info", "the payload has 1 values"), ("warning", "one of them is odd")],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.place}-{case.function}")
async def test_an_example_does_what_the_page_says(
    case: Case, recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = f"documented_{case.place}"
    (tmp_path / f"{module}.py").write_text(EXAMPLES[case.place], encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    recorder.before = Previous(result={"last": 7}, failure=PreviousFailure("ValueError", "wrong", retryable=True))
    for number, text in enumerate(("hello", "stop"), start=1):
        recorder.signals.put_nowait(Message(number, "steer", text, "ada", AT))

    config = {"callable": f"{module}:{case.function}"}
    executor = PythonExecutor(modules=[module], callbacks=CALLBACKS)
    outcome = await executor.execute(config, recorder.context(**case.given))

    assert outcome == case.outcome
    assert (recorder.events, recorder.states, recorder.used) == (case.events, case.states, case.used)
    assert recorder.logged == case.logged


def test_every_example_of_the_page_is_run() -> None:
    assert {case.place for case in CASES} == set(range(len(EXAMPLES)))
