"""Each verdict on what became of a trigger at one time, and what its sentence says."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from core.builders import NOON, at
from core.history import MISSED, History, minutely, ticked
from core.proof.told_histories import (
    NOON_TEXT,
    cancelled,
    changed,
    changed_and_named,
    deleted,
    disabled,
    disabled_after_the_claim,
    disabled_and_named,
    disabled_by_a_tick,
    explained,
    failed,
    held,
    outage,
    refused,
    running,
    skipped,
    waiting,
    withdrawn,
    without_record,
)
from tock.core.proof.why import Verdict


@dataclass(frozen=True)
class Case:
    verdict: Verdict
    history: Callable[[], History]
    #: What the sentence says, in this order.
    says: tuple[str, ...]
    time: str = "12:02"
    now: str = "12:10"
    has_run: bool = True


CASES = {
    "it ran": Case(
        Verdict.FIRED,
        minutely,
        ("It ran as run ", ": started at 2027-01-01T12:02:00Z, succeeded after less than 0.1 s."),
    ),
    "it failed, late": Case(
        Verdict.FIRED,
        failed,
        ("started at 2027-01-01T12:02:05Z (5 s late), failed after less than 0.1 s: broke: It broke.",),
    ),
    "it runs": Case(Verdict.FIRED, running, ("and has been running since 2027-01-01T12:02:00Z.",)),
    "it waits": Case(Verdict.FIRED, waiting, ("and was waiting for an answer since",)),
    "skipped": Case(
        Verdict.SKIPPED, skipped, ("It was skipped: run earlier has been running since ", "; overlap is skip.")
    ),
    "missed in an outage": Case(
        Verdict.MISSED,
        lambda: outage(**MISSED),
        ("It was missed: no tick claimed them in time; catch-up is none", "(one of 6 fire times from "),
        time="12:05",
    ),
    "cancelled": Case(
        Verdict.CANCELLED, cancelled, ("was cancelled before it started by ada at ", "12:01:30Z: not today.")
    ),
    "refused": Case(Verdict.REFUSED, refused, (" failed without an attempt: agent_gone: There is no such agent.",)),
    "held": Case(Verdict.IN_FLIGHT, held, ("has not started; it was waiting for run other to end.",)),
    "queued": Case(
        Verdict.IN_FLIGHT,
        lambda: ticked(History(now=NOON), "12:01"),
        ("has not started; it was about to start: it was due at 2027-01-01T12:02:00Z.",),
    ),
    "due": Case(
        Verdict.DUE,
        lambda: History(now=NOON),
        ("No tick has claimed it yet: the next one decides about it by its catch-up policy, latest.",),
        time="12:05",
        has_run=False,
    ),
    "lost": Case(
        Verdict.LOST,
        without_record,
        ("It has no record although the version in force then demands it",),
        has_run=False,
    ),
    "claimed, but not come": Case(
        Verdict.TO_COME,
        lambda: ticked(History(now=NOON), "12:01"),
        ("It is still to come: run ", " was claimed for it, and starts then."),
        now="12:01:30",
    ),
    "not claimed, and not come": Case(
        Verdict.TO_COME,
        lambda: History(now=NOON),
        ("It is still to come: the trigger has the time 2027-01-01T15:00:00+00:00",),
        time="15:00",
        has_run=False,
    ),
    "disabled then": Case(
        Verdict.PAUSED,
        disabled,
        ("The trigger was disabled then: version 2, in force since 2027-01-01T12:01:30Z, by ada@example.com.",),
        time="12:05",
        has_run=False,
    ),
    "disabled, and claimed before": Case(
        Verdict.PAUSED,
        disabled_after_the_claim,
        ("The trigger was disabled then", "which was claimed for it, was cancelled."),
    ),
    "disabled now": Case(
        Verdict.PAUSED,
        disabled,
        ("The trigger is disabled, so it does not fire: version 2, ",),
        time="15:00",
        has_run=False,
    ),
    "disabled then, and named later": Case(
        Verdict.PAUSED,
        disabled_and_named,
        ("The trigger was disabled then: version 2, in force since 2027-01-01T12:01:30Z, by ada@example.com.",),
        time="12:05",
        has_run=False,
    ),
    "disabled by a tick": Case(
        Verdict.PAUSED,
        disabled_by_a_tick,
        ("The trigger was disabled then: version 2, ", ", because a tick could not claim it: writes: 5 MiB: too many."),
        time="12:11",
        now="12:12",
        has_run=False,
    ),
    "changed before": Case(
        Verdict.CHANGED,
        changed_and_named,
        (
            "The trigger was changed: version 2, in force since 2027-01-01T12:01:30Z, by ada@example.com, ",
            "does not have this time; version 1, in force until 2027-01-01T12:01:30Z, had it.",
        ),
        time="12:05",
        has_run=False,
    ),
    "changed since": Case(
        Verdict.CHANGED,
        changed,
        (
            f"The trigger was changed: version 1, in force since {NOON_TEXT}, by ada@example.com, does not have this",
            " time; version 2, since 2027-01-01T12:05:00Z, has it.",
        ),
        has_run=False,
    ),
    "withdrawn by an edit": Case(
        Verdict.CHANGED,
        withdrawn,
        ("version 2, in force since ", "does not have this time. Run ", ", which was claimed for it, was cancelled."),
    ),
    "deleted": Case(
        Verdict.DELETED,
        deleted,
        ("The trigger had been deleted: by ada@example.com at 2027-01-01T12:01:30Z.",),
        time="12:05",
        has_run=False,
    ),
    "not created": Case(
        Verdict.NOT_CREATED,
        lambda: History(now=NOON),
        (f"The trigger did not exist then: ada@example.com created it at {NOON_TEXT}.",),
        time="11:59",
        has_run=False,
    ),
    "not due": Case(
        Verdict.NOT_DUE,
        lambda: History(now=NOON, schedule={"cron": "0 9 * * *", "time_zone": "Europe/Berlin"}),
        (
            "The schedule has no such time: it fires at 09:00 every day, Europe/Berlin time; the nearest are ",
            "2027-01-01T09:00:00+01:00 before and 2027-01-02T09:00:00+01:00 after.",
        ),
        time="15:00",
        has_run=False,
    ),
    "not due, before a single fire time": Case(
        Verdict.NOT_DUE,
        lambda: History(now=NOON, schedule={"at": "2027-01-01T14:00:00Z"}),
        ("; the nearest is 2027-01-01T14:00:00+00:00 after.",),
        has_run=False,
    ),
    "before its start": Case(
        Verdict.NOT_DUE,
        lambda: History(now=NOON, start=at("13:00")),
        ("The trigger has no fire time before its start, 2027-01-01T13:00:00+00:00.",),
        has_run=False,
    ),
    "at its end": Case(
        Verdict.NOT_DUE,
        lambda: History(now=NOON, end=at("12:02")),
        ("The trigger has no fire time at or after its end, 2027-01-01T12:02:00+00:00.",),
        has_run=False,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_verdict_has_its_reason(name: str) -> None:
    case = CASES[name]
    history = case.history()

    found = explained(history, case.time, now=case.now)

    assert (found.verdict, found.run is not None) == (case.verdict, case.has_run), found.sentence
    rest = found.sentence
    for part in case.says:
        assert part in rest, found.sentence
        rest = rest.partition(part)[2]
    assert found.sentence.endswith(".")
    assert ".." not in found.sentence


def test_the_cases_have_every_verdict() -> None:
    assert {case.verdict for case in CASES.values()} == set(Verdict) - {Verdict.UNREADABLE}
