"""The timeline of a run: its parts, and how they are drawn at each width."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.builders import NOON, TIMING, a_run, at
from tock.cli.runs.timeline import drawn
from tock.core.run import transition
from tock.core.run.messages.wait import Answer
from tock.core.run.outcome import Failed, Succeeded, WaitFor, Waiting
from tock.core.run.run import Run
from tock.web.resources.runs.run import RunResource
from tock.web.resources.runs.timeline import Segment, timeline

GOLDEN = Path(__file__).parent / "timelines"
BROKE = Failed(type="broke", message="It broke.", retryable=True)
ASK = Waiting(wait_for=WaitFor.APPROVAL, question="Send it?", deadline=timedelta(hours=1))


def _started(run: Run, clock: str) -> Run:
    return transition.start(run, now=at(clock), owner="r", agent_revision=1, timing=TIMING)


def a_life() -> Run:
    """Claimed a minute ahead, held, failed, tried again, asked a person, and done."""
    run = a_run(id="7f3a", created={"at": NOON, "by": "schedule"}, scheduled_for=at("12:01"), due_at=at("12:01"))
    run = transition.hold(run, blocked_by="6e2b", now=at("12:01:05"), timing=TIMING)
    run = transition.promote(run, now=at("12:01:35"), timing=TIMING)
    run = transition.settle(_started(run, "12:01:36"), BROKE, now=at("12:01:56"), jitter=0, timing=TIMING)
    run = transition.settle(_started(run, "12:02:56"), ASK, now=at("12:03:06"), jitter=0, timing=TIMING)
    approved = Answer(approved=True, by="ada", at=at("12:05:06"))
    run = transition.answer(run, approved, None, now=approved.at, timing=TIMING)
    return transition.settle(
        _started(run, "12:05:07"), Succeeded(result=1), now=at("12:05:17"), jitter=0, timing=TIMING
    )


def parts(run: Run, now: str = "12:10") -> list[tuple[str, str, str, str]]:
    found = timeline(RunResource.of(run), now=at(now))
    return [(each.name, f"{each.begin:%M:%S}", f"{each.end:%M:%S}", each.note) for each in found]


def test_a_life_is_told_part_by_part() -> None:
    assert parts(a_life()) == [
        ("scheduled", "00:00", "01:00", "until its time"),
        ("queued", "01:00", "01:05", ""),
        ("held", "01:05", "01:35", "behind run 6e2b"),
        ("queued", "01:35", "01:36", ""),
        ("attempt 1", "01:36", "01:56", "failed: broke"),
        ("retry wait", "01:56", "02:56", ""),
        ("attempt 2", "02:56", "03:06", "waiting"),
        ("waited", "03:06", "05:06", "for approval"),
        ("queued", "05:06", "05:07", ""),
        ("attempt 3", "05:07", "05:17", "succeeded"),
    ]


def test_what_is_not_over_lasts_until_now() -> None:
    queued = a_run()
    running = _started(queued, "12:00:02")

    assert parts(queued, now="12:00:10") == [("queued", "00:00", "00:10", "so far")]
    assert parts(running, now="12:00:10") == [
        ("queued", "00:00", "00:02", ""),
        ("attempt 1", "00:02", "00:10", "running so far"),
    ]


def test_a_run_that_waits_in_line_says_for_what() -> None:
    held = transition.hold_in_line(a_run(), scope="agent:reader", now=at("12:00:01"), timing=TIMING)

    assert parts(held, now="12:00:10")[1:] == [("held", "00:01", "00:10", "for a slot of agent:reader so far")]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_picture_fits_the_terminal(width: int) -> None:
    lines = list(drawn(timeline(RunResource.of(a_life()), now=at("12:10")), width=width))

    assert max(map(len, lines)) <= width
    assert "\n".join(lines) + "\n" == (GOLDEN / f"{width}.txt").read_text(encoding="utf-8")


def test_what_is_short_beside_the_whole_is_seen() -> None:
    long = Segment("waited", NOON, NOON + timedelta(days=3))
    short = Segment("attempt 2", long.end, long.end + timedelta(seconds=1), works=True)

    lines = list(drawn([long, short], width=60, ascii_only=True))

    assert ("#" in lines[1], lines[1].index("#") >= lines[0].rindex(".")) == (True, True)
    assert lines[0].isascii()
