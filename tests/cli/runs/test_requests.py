"""What the commands send to the API: messages to runs, starts of runs, and changes."""

import json
from typing import Any

import pytest

from client.shown import shown_trigger
from client.streaming_api import PROGRESS, Api, sent, tock


@pytest.mark.parametrize(
    ("given", "path", "body"),
    [
        (("steer", "r", "Go left."), "/runs/r:steer", {"message": "Go left."}),
        (("steer", "r", "Then stop.", "--after"), "/runs/r:steer", {"message": "Then stop.", "mode": "follow_up"}),
        (("approve", "r"), "/runs/r:approve", {}),
        (("approve", "r", "--note", "Go."), "/runs/r:approve", {"note": "Go."}),
        (("reject", "r", "--note", "No.", "--attempt", "2"), "/runs/r:reject", {"note": "No.", "attempt": 2}),
        (("answer", "r", '{"branch": "main"}'), "/runs/r:answer", {"value": {"branch": "main"}}),
        (("answer", "r", "the main one", "--note", "n"), "/runs/r:answer", {"value": "the main one", "note": "n"}),
        (("answer", "r", "main", "--attempt", "2"), "/runs/r:answer", {"value": "main", "attempt": 2}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_messages_to_a_run(api: Api, given: tuple[str, ...], path: str, body: Any) -> None:
    shown = tock(api, "runs", *given)

    assert api.posted == [(path, body)]
    assert "r" in shown


def test_a_run_is_resumed_with_feedback_and_a_model(api: Api) -> None:
    shown = tock(api, "runs", "resume", "old", "Shorter", "--model", "large")
    tock(api, "runs", "resume", "old")

    assert shown == "Run r is queued. Follow it: tock runs follow r\n"
    assert api.posted == [
        ("/runs/old:resume", {"feedback": "Shorter", "model": "large"}),
        ("/runs/old:resume", {}),
    ]


def test_a_resumed_run_is_followed_to_its_end(api: Api) -> None:
    api.streams = [sent(PROGRESS)]

    shown = tock(api, "runs", "resume", "old", "Shorter", "--wait")

    assert 'progress  {"read": 3}' in shown
    assert "succeeded" in shown


def test_a_command_runs_with_its_arguments_and_timeout(api: Api) -> None:
    tock(api, "runs", "exec", "old", "start", "--attempt-timeout", "90s", "--", "--port", "8080")
    tock(api, "runs", "exec", "old", "build")

    assert api.posted == [
        ("/runs/old:exec", {"command": "start", "arguments": ["--port", "8080"], "timeout": "PT1M30S"}),
        ("/runs/old:exec", {"command": "build", "arguments": []}),
    ]


def test_what_a_retry_cannot_restore_is_shown(api: Api) -> None:
    api.warnings = ["The conversation went on."]

    shown = tock(api, "runs", "retry", "old")

    assert "Warning: The conversation went on." in shown


def test_a_project_and_an_agent_are_changed(api: Api) -> None:
    tock(api, "projects", "edit", "p", '{"concurrency": 5}')
    tock(api, "agents", "edit", "digest", '{"concurrency": 2}')

    assert api.posted == [("", {"concurrency": 5}), ("/agents/digest", {"concurrency": 2})]


def test_a_trigger_is_created_with_its_policies(api: Api) -> None:
    given = ("--every", "1h", "--overlap", "parallel", "--max-parallel", "3")
    shown = tock(api, "triggers", "create", "t", "--agent", "a", *given, "--json")

    assert json.loads(shown) == shown_trigger()
    [(path, body)] = api.posted
    assert (path, body["overlap"], body["max_parallel"]) == ("/triggers", "parallel", 3)
