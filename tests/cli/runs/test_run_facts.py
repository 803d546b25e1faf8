"""What `tock runs show` says of a run."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from client.shown import shown_attempt
from tock.cli.input.when import Here
from tock.cli.runs.run_facts import print_run
from tock.web.resources.runs.run import RunResource

HERE = Here(now=datetime(2027, 1, 1, 12, tzinfo=UTC), zone=timezone(timedelta(hours=5, minutes=30)))
ENDED = shown_attempt()
WAIT = {"wait_for": "approval", "question": "Send this letter?", "deadline": "2027-01-02T00:00:00Z"}
KEPT = {
    "repository": "shop",
    "branch": "tock/r",
    "commit": "c0ffee",
    "dirty": True,
    "files": ["a", "b"],
    "changed": 2,
    "ref": "refs/tock/runs/r",
    "warning": None,
}
LOST = {**KEPT, "ref": None, "warning": "The workspace could not be kept: git push failed."}

SHOWN: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a question": (
        {"status": "waiting", "attempts": [{**ENDED, "wait": WAIT}]},
        [
            "waits for  approval until 2027-01-02 05:30:00 +0530 (in 12h): Send this letter?",
            "answer with  tock runs approve r --attempt 1, or tock runs reject r --attempt 1",
        ],
    ),
    "a question for a person": (
        {"status": "waiting", "attempts": [{**ENDED, "wait": {**WAIT, "wait_for": "input"}}]},
        ["answer with  tock runs answer r VALUE --attempt 1"],
    ),
    "a callback": (
        {"status": "waiting", "attempts": [{**ENDED, "wait": {**WAIT, "wait_for": "callback", "question": ""}}]},
        ["waits for  callback until 2027-01-02 05:30:00 +0530 (in 12h)"],
    ),
    "an earlier run": ({"status": "held", "blocked_by": "q"}, ["held for  the end of run q"]),
    "a limit": ({"status": "held", "in_line": "agent:a"}, ["held for  a free slot of agent:a"]),
    "a workspace": ({"workspace": KEPT}, ["workspace  tock/r of shop, 2 files changed", "kept on refs/tock/runs/r"]),
    "a workspace that was not kept": ({"workspace": LOST}, ["tock/r of shop", LOST["warning"]]),
}


@pytest.mark.parametrize("case", SHOWN)
def test_a_run_is_shown_with_what_it_waits_for_and_what_it_left(
    case: str, settled_run: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    facts, lines = SHOWN[case]

    print_run(RunResource.model_validate(settled_run | facts), here=HERE)

    words = " ".join(capsys.readouterr().out.split())
    assert [line for line in lines if " ".join(line.split()) not in words] == []


def test_an_answered_or_started_run_waits_for_nothing(
    settled_run: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    print_run(
        RunResource.model_validate(settled_run | {"attempts": [{**ENDED, "wait": WAIT}], "blocked_by": "q"}), here=HERE
    )

    shown = capsys.readouterr().out
    assert "waits for" not in shown
    assert "answer with" not in shown
    assert "held for" not in shown
