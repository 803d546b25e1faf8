"""The story of a run: who started it, what it does or waits for, how it ended and why."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from core.builders import NOON, TIMING, a_run, at
from tock.core.run import transition
from tock.core.run.messages.wait import Answer
from tock.core.run.outcome import Cancelled, Continue, Failed, OnDeadline, Succeeded, TimedOut, WaitFor, Waiting
from tock.core.run.run import MissedRange, Run
from tock.web.resources.runs.run import RunResource
from tock.web.resources.runs.story.sentence import Named, Part
from tock.web.resources.runs.story.story import story
from tock.web.resources.runs.verb_request import NO_REASON

BROKE = Failed(type="Broke", message="It broke.", retryable=True)
REFUSED = Failed(type="Refused", message="It never works.", retryable=False)
ASK = Waiting(WaitFor.APPROVAL, question="Send it?", deadline=timedelta(hours=1), on_deadline=OnDeadline.REJECT)

QUESTION = Waiting(WaitFor.INPUT, deadline=timedelta(hours=1))


def told(run: Run, now: str = "12:10") -> list[str]:
    return ["".join(_text(part) for part in sentence) for sentence in story(RunResource.of(run), now=at(now))]


def _text(part: Part) -> str:
    match part:
        case datetime():
            return f"{part:%H:%M:%S}"
        case timedelta():
            return f"{part.total_seconds():g} s"
        case Named():
            return f"[{part.kind} {part.id}]"
    return part


def scheduled(**changes: Any) -> Run:
    return a_run(trigger="digest", created={"at": NOON, "by": "schedule"}, **changes)


def started(run: Run, clock: str) -> Run:
    return transition.start(run, now=at(clock), owner="r", agent_revision=1, timing=TIMING)


def settled(run: Run, outcome: Any, clock: str) -> Run:
    return transition.settle(run, outcome, now=at(clock), jitter=0, timing=TIMING)


def asking() -> Run:
    return settled(started(scheduled(), "12:00"), ASK, "12:01")


def test_a_scheduled_run_says_how_late_it_began_and_how_it_ended() -> None:
    run = settled(started(scheduled(), "12:00:07"), Succeeded(result=1), "12:00:17")

    assert told(run) == [
        "The trigger [triggers digest] planned it for 12:00:00, and it began 7 s late.",
        "It succeeded at 12:00:17, after 10 s.",
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"source": "manual", "trigger": None}, "ada started the agent reader by hand at 12:00:00."),
        ({"source": "manual"}, "ada started the trigger [triggers digest] by hand at 12:00:00."),
        ({"source": "retry", "retry_of": "r0"}, "ada repeated run [runs r0] at 12:00:00."),
        ({"source": "resume", "resumed_from": "r0"}, "ada went on with run [runs r0] at 12:00:00."),
        (
            {"source": "exec", "follow_up": {"of": "r0", "repository": "shop", "command": "build"}},
            "ada started the command build in the workspace of run [runs r0] at 12:00:00.",
        ),
    ],
)
def test_a_request_names_who_made_it(changes: dict[str, Any], sentence: str) -> None:
    run = a_run(**({"trigger": "digest", "created": {"at": NOON, "by": "ada"}} | changes))

    assert told(run, now="12:00")[0] == sentence


def test_what_an_active_run_does_is_told_with_its_reason() -> None:
    queued = scheduled()
    running = started(queued, "12:00")
    states = {
        "queued": queued,
        "held": transition.hold(queued, blocked_by="r0", now=at("12:01"), timing=TIMING),
        "in line": transition.hold_in_line(queued, scope="agent:reader", now=at("12:01"), timing=TIMING),
        "running": running,
        "stopping": transition.cancel(running, by="ada", reason="enough", now=at("12:01"), timing=TIMING),
        "waiting": asking(),
        "retried": settled(running, BROKE, "12:09:50"),
        "continued": settled(running, Continue(after=timedelta(hours=1)), "12:01"),
        "answered": transition.answer(
            asking(), Answer(approved=True, note="fine", by="ada", at=at("12:09")), None, now=at("12:09"), timing=TIMING
        ),
    }

    assert {name: told(run)[1:] for name, run in states.items()} == {
        "queued": ["It is about to start."],
        "held": ["It waits until run [runs r0] has ended, since 12:01:00."],
        "in line": ["It waits in line for a free slot of agent:reader, since 12:01:00."],
        "running": ["Attempt 1 has been at work since 12:00:00."],
        "stopping": ["Attempt 1 has been at work since 12:00:00.", "ada asked it to stop at 12:01:00: enough."],
        "waiting": ["It waits for somebody to approve or reject, until 13:01:00.", "Then it goes on as rejected."],
        "retried": ["Attempt 1 failed (Broke: It broke.); attempt 2 starts at 12:10:50."],
        "continued": ["Its agent paused; it goes on at 13:01:00."],
        "answered": ["ada approved (fine); it goes on now."],
    }


def test_every_end_has_its_reason() -> None:
    running = started(scheduled(), "12:00")
    again = started(settled(running, BROKE, "12:01"), "12:02")
    blocker = started(scheduled(id="r0"), "12:00")
    ends = {
        "refused": settled(running, REFUSED, "12:01"),
        "failed twice": settled(again.model_copy(update={"failures": 9}), BROKE, "12:03"),
        "succeeded later": settled(again, Succeeded(result=1), "12:03"),
        "timed out": settled(
            running.model_copy(update={"failures": 9}), TimedOut(timeout=timedelta(minutes=5)), "12:05"
        ),
        "unanswered": transition.end_wait(
            settled(running, Waiting(WaitFor.INPUT, deadline=timedelta(hours=1)), "12:01"),
            now=at("13:01"),
            timing=TIMING,
        ),
        "cancelled": transition.cancel(scheduled(), by="ada", reason="enough", now=at("12:01"), timing=TIMING),
        "cancelled before its retry": transition.cancel(
            settled(running, BROKE, "12:01"), by="local", reason=NO_REASON, now=at("12:02"), timing=TIMING
        ),
        "went on": settled(started(settled(running, Continue(), "12:01"), "12:02"), Succeeded(result=1), "12:03"),
        "stopped": settled(
            transition.cancel(running, by="ada", reason="enough", now=at("12:01"), timing=TIMING),
            Cancelled(reason="enough"),
            "12:02",
        ),
        "skipped": transition.skip(scheduled(), blocked_by=blocker, now=at("12:01"), timing=TIMING),
        "missed": transition.miss(scheduled(), reason="no tick came", now=at("12:01"), timing=TIMING),
    }

    assert {name: told(run)[1:] for name, run in ends.items()} == {
        "refused": [
            "It failed at 12:01:00, after 60 s: Refused: It never works.",
            "Errors of this kind are not tried again, so there was no other attempt.",
        ],
        "failed twice": ["It failed at 12:03:00, after 180 s: Broke: It broke.", "It had 10 failed attempts."],
        "succeeded later": ["It succeeded at 12:03:00, after 180 s, with 1 failed attempt before."],
        "timed out": [
            "It timed out at 12:05:00, after 300 s: The attempt was aborted at its timeout of 0:05:00.",
            "It had 10 failed attempts.",
        ],
        "unanswered": ["It timed out at 13:01:00, after 3660 s: Nobody answered within PT1H."],
        "cancelled": ["ada cancelled it at 12:01:00, before it began: enough."],
        "cancelled before its retry": [
            "Somebody on this machine cancelled it at 12:02:00, after 120 s.",
            "Before that, an attempt failed: Broke: It broke.",
        ],
        "went on": ["It succeeded at 12:03:00, after 180 s, with 1 pause."],
        "stopped": ["ada cancelled it at 12:02:00, after 120 s: enough."],
        "skipped": [
            "It was skipped at 12:01:00: run r0 has been running since 2027-01-01T12:00:00Z; overlap is skip.",
        ],
        "missed": ["It was missed: no tick came."],
    }


def test_a_record_of_many_missed_fire_times_says_which() -> None:
    run = transition.miss(scheduled(), reason="no tick claimed them in time", now=at("13:00"), timing=TIMING)
    many = run.model_copy(update={"missed": MissedRange(first=NOON, last=at("12:59"), count=60)})

    assert told(many)[1:] == [
        "This record stands for 60 fire times, from 12:00:00 to 12:59:00.",
        "They were missed: no tick claimed them in time.",
    ]
