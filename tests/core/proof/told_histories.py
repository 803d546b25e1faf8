"""Histories of a trigger, each with a time that something became of, and the explanation of that time."""

from datetime import timedelta

from core.builders import NOON, TIMING, a_run, at
from core.history import History, minutely, ticked
from tock.core.proof.why import Why, why
from tock.core.run import transition
from tock.core.run.outcome import Failed, WaitFor, Waiting
from tock.core.run.run import RunError
from tock.core.trigger.claim import disable

INSTANT = timedelta(microseconds=1)
NOON_TEXT = "2027-01-01T12:00:00Z"
BROKE = Failed(type="broke", message="It broke.", retryable=False)


def explained(history: History, clock: str, *, now: str = "12:10") -> Why:
    time = at(clock)
    proof = history.prove(since=time, until=time + INSTANT)
    return why(
        time,
        proof=proof,
        revisions=history.revisions,
        runs=history.runs.values(),
        trigger=history.trigger,
        now=at(now),
    )


def failed() -> History:
    history = ticked(History(now=NOON), "12:01")
    history.work(history.run_at(at("12:02")), BROKE, at=at("12:02:05"))
    return history


def running() -> History:
    history = ticked(History(now=NOON), "12:01")
    run = history.run_at(at("12:02"))
    history.put(transition.start(run, now=at("12:02"), owner="runner", agent_revision=1, timing=TIMING))
    return history


def waiting() -> History:
    history = ticked(History(now=NOON), "12:01")
    waits = Waiting(wait_for=WaitFor.APPROVAL, question="Send it?", deadline=timedelta(hours=1))
    history.work(history.run_at(at("12:02")), waits, at=at("12:02"))
    return history


def skipped() -> History:
    history = ticked(History(now=NOON), "12:01")
    active = transition.start(a_run(id="earlier"), now=NOON, owner="r", agent_revision=1, timing=TIMING)
    run = history.run_at(at("12:02"))
    history.put(transition.skip(run, blocked_by=active, now=at("12:02"), timing=TIMING))
    return history


def cancelled() -> History:
    history = ticked(History(now=NOON), "12:01")
    run = history.run_at(at("12:02"))
    history.put(transition.cancel(run, by="ada", reason="not today", now=at("12:01:30"), timing=TIMING))
    return history


def refused() -> History:
    history = ticked(History(now=NOON), "12:01")
    error = RunError(type="agent_gone", message="There is no such agent.", retryable=False)
    history.put(transition.refuse(history.run_at(at("12:02")), error, now=at("12:02"), timing=TIMING))
    return history


def held() -> History:
    history = ticked(History(now=NOON), "12:01")
    history.put(transition.hold(history.run_at(at("12:02")), blocked_by="other", now=at("12:02"), timing=TIMING))
    return history


def outage(**spec: object) -> History:
    return ticked(History(now=NOON, **spec), "12:08")


def without_record() -> History:
    history = minutely()
    history.runs = {run.id: run for run in history.runs.values() if run.scheduled_for != at("12:02")}
    return history


def disabled() -> History:
    history = History(now=NOON)
    history.edit(now=at("12:01:30"), enabled=False)
    return history


def disabled_after_the_claim() -> History:
    history = ticked(History(now=NOON), "12:01")
    history.edit(now=at("12:01:30"), enabled=False)
    return history


def disabled_by_a_tick() -> History:
    history = History(now=NOON)
    assert history.trigger is not None
    history.trigger, revision = disable(history.trigger, problem="writes: 5 MiB: too many.", now=at("12:11"))
    history.revisions.append(revision)
    return history


def disabled_and_named() -> History:
    history = disabled()
    history.edit(now=at("12:03"), name="Named")
    return history


def changed_and_named() -> History:
    history = History(now=NOON)
    history.edit(now=at("12:01:30"), schedule={"cron": "0 * * * *"})
    history.edit(now=at("12:03"), name="Named")
    return history


def changed() -> History:
    history = History(now=NOON, schedule={"cron": "0 * * * *"})
    history.edit(now=at("12:05"), schedule={"cron": "* * * * *"})
    return history


def withdrawn() -> History:
    history = ticked(History(now=NOON), "12:01")
    history.edit(now=at("12:01:30"), schedule={"cron": "0 * * * *"})
    return history


def deleted() -> History:
    history = History(now=NOON)
    history.delete(now=at("12:01:30"))
    return history
