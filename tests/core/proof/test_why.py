"""What became of a trigger at one time: each verdict, and what its sentence says."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from core.builders import NOON, TIMING, a_run, at
from core.history import MISSED, History, minutely, ticked
from tock.core.proof.proof import prove, unprovable
from tock.core.proof.why import Verdict, Why, why
from tock.core.run import transition
from tock.core.run.outcome import Failed, WaitFor, Waiting
from tock.core.run.run import RunError
from tock.core.run.status import RunStatus
from tock.core.trigger.claim import disable
from tock.core.unreadable import Unreadable

_INSTANT = timedelta(microseconds=1)
NOON_TEXT = "2027-01-01T12:00:00Z"
BROKE = Failed(type="broke", message="It broke.", retryable=False)


def explained(history: History, clock: str, *, now: str = "12:10") -> Why:
    time = at(clock)
    proof = history.prove(since=time, until=time + _INSTANT)
    return why(
        time,
        proof=proof,
        revisions=history.revisions,
        runs=history.runs.values(),
        trigger=history.trigger,
        now=at(now),
    )


def _failed() -> History:
    history = ticked(History(now=NOON), "12:01")
    history.work(history.run_at(at("12:02")), BROKE, at=at("12:02:05"))
    return history


def _running() -> History:
    history = ticked(History(now=NOON), "12:01")
    run = history.run_at(at("12:02"))
    history.put(transition.start(run, now=at("12:02"), owner="runner", agent_revision=1, timing=TIMING))
    return history


def _waiting() -> History:
    history = ticked(History(now=NOON), "12:01")
    waits = Waiting(wait_for=WaitFor.APPROVAL, question="Send it?", deadline=timedelta(hours=1))
    history.work(history.run_at(at("12:02")), waits, at=at("12:02"))
    return history


def _skipped() -> History:
    history = ticked(History(now=NOON), "12:01")
    active = transition.start(a_run(id="earlier"), now=NOON, owner="r", agent_revision=1, timing=TIMING)
    run = history.run_at(at("12:02"))
    history.put(transition.skip(run, blocked_by=active, now=at("12:02"), timing=TIMING))
    return history


def _cancelled() -> History:
    history = ticked(History(now=NOON), "12:01")
    run = history.run_at(at("12:02"))
    history.put(transition.cancel(run, by="ada", reason="not today", now=at("12:01:30"), timing=TIMING))
    return history


def _refused() -> History:
    history = ticked(History(now=NOON), "12:01")
    error = RunError(type="agent_gone", message="There is no such agent.", retryable=False)
    history.put(transition.refuse(history.run_at(at("12:02")), error, now=at("12:02"), timing=TIMING))
    return history


def _held() -> History:
    history = ticked(History(now=NOON), "12:01")
    history.put(transition.hold(history.run_at(at("12:02")), blocked_by="other", now=at("12:02"), timing=TIMING))
    return history


def _outage(**spec: object) -> History:
    return ticked(History(now=NOON, **spec), "12:08")


def _without_record() -> History:
    history = minutely()
    history.runs = {run.id: run for run in history.runs.values() if run.scheduled_for != at("12:02")}
    return history


def _disabled() -> History:
    history = History(now=NOON)
    history.edit(now=at("12:01:30"), enabled=False)
    return history


def _disabled_after_the_claim() -> History:
    history = ticked(History(now=NOON), "12:01")
    history.edit(now=at("12:01:30"), enabled=False)
    return history


def _disabled_by_a_tick() -> History:
    history = History(now=NOON)
    assert history.trigger is not None
    history.trigger, revision = disable(history.trigger, problem="writes: 5 MiB: too many.", now=at("12:11"))
    history.revisions.append(revision)
    return history


def _disabled_and_named() -> History:
    history = _disabled()
    history.edit(now=at("12:03"), name="Named")
    return history


def _changed_and_named() -> History:
    history = History(now=NOON)
    history.edit(now=at("12:01:30"), schedule={"cron": "0 * * * *"})
    history.edit(now=at("12:03"), name="Named")
    return history


def _changed() -> History:
    history = History(now=NOON, schedule={"cron": "0 * * * *"})
    history.edit(now=at("12:05"), schedule={"cron": "* * * * *"})
    return history


def _withdrawn() -> History:
    history = ticked(History(now=NOON), "12:01")
    history.edit(now=at("12:01:30"), schedule={"cron": "0 * * * *"})
    return history


def _deleted() -> History:
    history = History(now=NOON)
    history.delete(now=at("12:01:30"))
    return history


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
        Verdict.FIRED, minutely, ("It ran as run ", ": started at 2027-01-01T12:02:00Z, succeeded after 0.0 s.")
    ),
    "it failed, late": Case(
        Verdict.FIRED, _failed, ("started at 2027-01-01T12:02:05Z (5 s late), failed after 0.0 s: broke: It broke.",)
    ),
    "it runs": Case(Verdict.FIRED, _running, ("and has been running since 2027-01-01T12:02:00Z.",)),
    "it waits": Case(Verdict.FIRED, _waiting, ("and was waiting for an answer since",)),
    "skipped": Case(
        Verdict.SKIPPED, _skipped, ("It was skipped: run earlier has been running since ", "; overlap is skip.")
    ),
    "missed in an outage": Case(
        Verdict.MISSED,
        lambda: _outage(**MISSED),
        ("It was missed: no tick claimed them in time; catch-up is none", "(one of 6 fire times from "),
        time="12:05",
    ),
    "cancelled": Case(
        Verdict.CANCELLED, _cancelled, ("was cancelled before it started by ada at ", "12:01:30Z: not today.")
    ),
    "refused": Case(Verdict.REFUSED, _refused, (" failed without an attempt: agent_gone: There is no such agent.",)),
    "held": Case(Verdict.IN_FLIGHT, _held, ("has not started; it was waiting for run other to end.",)),
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
        _without_record,
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
        _disabled,
        ("The trigger was disabled then: version 2, in force since 2027-01-01T12:01:30Z, by ada@example.com.",),
        time="12:05",
        has_run=False,
    ),
    "disabled, and claimed before": Case(
        Verdict.PAUSED,
        _disabled_after_the_claim,
        ("The trigger was disabled then", "which was claimed for it, was cancelled."),
    ),
    "disabled now": Case(
        Verdict.PAUSED,
        _disabled,
        ("The trigger is disabled, so it does not fire: version 2, ",),
        time="15:00",
        has_run=False,
    ),
    "disabled then, and named later": Case(
        Verdict.PAUSED,
        _disabled_and_named,
        ("The trigger was disabled then: version 2, in force since 2027-01-01T12:01:30Z, by ada@example.com.",),
        time="12:05",
        has_run=False,
    ),
    "disabled by a tick": Case(
        Verdict.PAUSED,
        _disabled_by_a_tick,
        ("The trigger was disabled then: version 2, ", ", because a tick could not claim it: writes: 5 MiB: too many."),
        time="12:11",
        now="12:12",
        has_run=False,
    ),
    "changed before": Case(
        Verdict.CHANGED,
        _changed_and_named,
        (
            "The trigger was changed: version 2, in force since 2027-01-01T12:01:30Z, by ada@example.com, ",
            "does not have this time; version 1, in force until 2027-01-01T12:01:30Z, had it.",
        ),
        time="12:05",
        has_run=False,
    ),
    "changed since": Case(
        Verdict.CHANGED,
        _changed,
        (
            f"The trigger was changed: version 1, in force since {NOON_TEXT}, by ada@example.com, does not have this",
            " time; version 2, since 2027-01-01T12:05:00Z, has it.",
        ),
        has_run=False,
    ),
    "withdrawn by an edit": Case(
        Verdict.CHANGED,
        _withdrawn,
        ("version 2, in force since ", "does not have this time. Run ", ", which was claimed for it, was cancelled."),
    ),
    "deleted": Case(
        Verdict.DELETED,
        _deleted,
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


def test_a_run_in_several_attempts_names_them() -> None:
    history = ticked(History(now=NOON), "12:01")
    again = Failed(type="broke", message="It broke.", retryable=True)
    history.work(history.run_at(at("12:02")), again, again, again, at=at("12:02"))

    found = explained(history, "12:02")

    assert ", in 3 attempts: broke: It broke." in found.sentence


def test_the_run_of_the_time_is_named_and_so_are_the_nearest_times() -> None:
    history = minutely()

    found = explained(history, "12:02")

    assert found == Why(
        time=at("12:02"),
        verdict=Verdict.FIRED,
        sentence=found.sentence,
        run=history.run_at(at("12:02")).id,
        before=at("12:01"),
        after=at("12:03"),
    )


def test_the_nearest_times_keep_within_start_and_end() -> None:
    history = History(now=NOON, start=at("13:00"), end=at("13:05"))

    early, late = explained(history, "12:30"), explained(history, "14:00")

    assert (early.before, early.after, late.before, late.after) == (None, at("13:00"), at("13:04"), None)


def test_a_record_that_cannot_be_read_is_named() -> None:
    history = minutely()
    run = history.run_at(at("12:02"))
    del history.runs[run.id]
    time = at("12:02")
    proof = prove(
        history.revisions,
        history.runs.values(),
        since=time,
        until=time + _INSTANT,
        next_run_at=None,
        unreadable={run.id: "status: Field required"},
    )

    found = why(
        time,
        proof=proof,
        revisions=history.revisions,
        runs=history.runs.values(),
        trigger=history.trigger,
        now=at("12:10"),
    )

    sentence = f"Its record, run {run.id}, cannot be read: status: Field required."
    assert (found.verdict, found.run, found.sentence) == (Verdict.UNREADABLE, run.id, sentence)


def test_nothing_is_known_of_a_time_whose_revision_cannot_be_read() -> None:
    time = at("12:02")
    proof = unprovable(["the revision '3' cannot be read: spec"], since=time, until=time + _INSTANT)

    found = why(time, proof=proof, revisions=(), runs=(), trigger=None, now=at("12:10"))

    sentence = "The revision '3' cannot be read: spec."
    assert (found.verdict, found.sentence, found.before) == (Verdict.UNREADABLE, sentence, None)


def test_a_time_that_no_tick_can_claim_because_the_trigger_cannot_be_read_is_no_fault_of_the_records() -> None:
    history = minutely()
    unreadable = Unreadable(kind="trigger", project="acme", id="t", version=1, problem="agent: Field required")

    def found(clock: str) -> Why:
        time = at(clock)
        proof = history.prove(since=time, until=time + _INSTANT)
        return why(
            time,
            proof=proof,
            revisions=history.revisions,
            runs=history.runs.values(),
            trigger=unreadable,
            now=at("12:10"),
        )

    sentence = "No tick can claim it: the trigger 't' cannot be read: agent: Field required."
    assert (found("15:00").verdict, found("15:00").sentence) == (Verdict.UNREADABLE, sentence)
    assert found("12:02").verdict is Verdict.FIRED


def test_nothing_is_known_of_a_trigger_that_cannot_be_read_and_has_no_version() -> None:
    time = at("12:02")
    proof = prove((), (), since=time, until=time + _INSTANT, next_run_at=None)
    trigger = Unreadable(kind="trigger", project="acme", id="t", version=1, problem="agent: Field required")

    found = why(time, proof=proof, revisions=(), runs=(), trigger=trigger, now=at("12:10"))

    assert (found.verdict, found.run, "agent: Field required" in found.sentence) == (Verdict.UNREADABLE, None, True)


def test_a_withdrawn_time_that_the_new_version_has_too_is_explained_by_its_own_run() -> None:
    history = ticked(History(now=NOON), "12:01")
    history.edit(now=at("12:01:30"), input={"message": "new"})

    found = explained(history, "12:02", now="12:01:40")

    [own] = [run for run in history.runs.values() if run.generation == 2 and run.scheduled_for == at("12:02")]
    assert (found.verdict, found.run, own.status) == (Verdict.TO_COME, own.id, RunStatus.QUEUED)
