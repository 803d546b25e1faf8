"""What became of a trigger at one time: which run and which times are named, and what cannot be read."""

from core.builders import NOON, at
from core.history import History, minutely, ticked
from core.proof.told_histories import INSTANT, explained
from tock.core.proof.proof import prove, unprovable
from tock.core.proof.why import Verdict, Why, why
from tock.core.run.outcome import Failed
from tock.core.run.status import RunStatus
from tock.core.unreadable import Unreadable


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
        until=time + INSTANT,
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
    proof = unprovable(["the revision '3' cannot be read: spec"], since=time, until=time + INSTANT)

    found = why(time, proof=proof, revisions=(), runs=(), trigger=None, now=at("12:10"))

    sentence = "The revision '3' cannot be read: spec."
    assert (found.verdict, found.sentence, found.before) == (Verdict.UNREADABLE, sentence, None)


def test_a_time_that_no_tick_can_claim_because_the_trigger_cannot_be_read_is_no_fault_of_the_records() -> None:
    history = minutely()
    unreadable = Unreadable(kind="trigger", project="acme", id="t", version=1, problem="agent: Field required")

    def found(clock: str) -> Why:
        time = at(clock)
        proof = history.prove(since=time, until=time + INSTANT)
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
    proof = prove((), (), since=time, until=time + INSTANT, next_run_at=None)
    trigger = Unreadable(kind="trigger", project="acme", id="t", version=1, problem="agent: Field required")

    found = why(time, proof=proof, revisions=(), runs=(), trigger=trigger, now=at("12:10"))

    assert (found.verdict, found.run, "agent: Field required" in found.sentence) == (Verdict.UNREADABLE, None, True)


def test_a_withdrawn_time_that_the_new_version_has_too_is_explained_by_its_own_run() -> None:
    history = ticked(History(now=NOON), "12:01")
    history.edit(now=at("12:01:30"), input={"message": "new"})

    found = explained(history, "12:02", now="12:01:40")

    [own] = [run for run in history.runs.values() if run.generation == 2 and run.scheduled_for == at("12:02")]
    assert (found.verdict, found.run, own.status) == (Verdict.TO_COME, own.id, RunStatus.QUEUED)
