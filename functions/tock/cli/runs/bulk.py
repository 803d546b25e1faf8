"""Does one thing to many runs: finds them, says what would happen, and acts on each."""

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from threading import Event

from tock.cli.errors import CommandError, UsageError
from tock.cli.input.where import Where
from tock.cli.output.progress import progress
from tock.client._sync.client import Client
from tock.client.errors import ApiError, TockClientError
from tock.core.run.status import RunStatus
from tock.web.resources.runs.run import RunResource

#: How many runs one command acts on at most, and on how many at once.
MOST, AT_ONCE = 10_000, 8
_ACTIVE = tuple(status for status in RunStatus if not status.terminal)
_REPEATED = (RunStatus.FAILED, RunStatus.TIMED_OUT)


@dataclass(frozen=True, slots=True)
class Action:
    """What is done to each run."""

    #: As in `cancel 3 runs`, `Cancelling runs` and `3 runs cancelled`.
    verb: str
    doing: str
    done: str
    #: The runs it is for if no status is asked for, and those it can be done to.
    usual: tuple[RunStatus, ...]
    possible: frozenset[RunStatus]
    #: Does it to one run, and returns what came of it.
    act: Callable[[RunResource], str]
    #: Why a run is left alone; None if it is not.
    left_alone: Callable[[RunResource], str | None] = lambda run: None  # noqa: ARG005 - as the type says


@dataclass(frozen=True, slots=True)
class Plan:
    """The runs to act on, the latest first, and those left alone, with the reason."""

    runs: tuple[RunResource, ...]
    left_alone: tuple[tuple[RunResource, str], ...]
    #: How many stored runs that match cannot be read.
    unreadable: int


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one run: what it is now, or why it could not be done."""

    run: RunResource
    said: str
    failed: bool


def cancelling(client: Client, *, reason: str | None) -> Action:
    """Return the cancellation of runs that are not over."""

    def cancel(run: RunResource) -> str:
        found = client.runs.cancel(run.id, reason=reason)
        return "cancelled" if found.status is RunStatus.CANCELLED else "asked to stop"

    def asked(run: RunResource) -> str | None:
        return "was asked to stop already" if run.cancel_requested is not None else None

    return Action("cancel", "Cancelling", "cancelled", _ACTIVE, frozenset(_ACTIVE), act=cancel, left_alone=asked)


def retrying(client: Client, *, model: str | None, config: str | None) -> Action:
    """Return the repetition of settled runs, each of which is repeated once."""

    def retry(run: RunResource) -> str:
        # Whoever gives the command again, after a break, gets the run that the first one started.
        key = f"retry-of-{run.id}"
        return f"repeated by run {client.runs.retry(run.id, model=model, config=config, idempotency_key=key).id}"

    def repeated(run: RunResource) -> str | None:
        return f"was repeated by run {run.retried_by[-1]}" if run.retried_by else None

    possible = frozenset(status for status in RunStatus if status.terminal)
    return Action("retry", "Repeating", "repeated", _REPEATED, possible, act=retry, left_alone=repeated)


def planned(client: Client, where: Where, action: Action) -> Plan:
    """Return which runs the action is for. Raises CommandError, TockClientError."""
    impossible = [status for status in where.statuses if status not in action.possible]
    if impossible:
        can = ", ".join(status for status in RunStatus if status in action.possible)
        raise UsageError(f"--where: a run that is {impossible[0]} cannot be {action.done}: choose among {can}")
    listing = client.runs.list(**replace(where, statuses=where.statuses or action.usual).query, page_size=100)
    found: list[RunResource] = []
    for run in progress(listing, doing="Reading runs"):
        if len(found) == MOST:
            problem = f"More than {MOST:,} runs match."
            raise CommandError(problem, details=("Give a later since=, or an earlier until=, and repeat it.",))
        found.append(run)
    reasons = [(run, action.left_alone(run)) for run in found]
    return Plan(
        runs=tuple(run for run, reason in reasons if reason is None),
        left_alone=tuple((run, reason) for run, reason in reasons if reason is not None),
        unreadable=len(listing.unreadable),
    )


def results(runs: Sequence[RunResource], action: Action, *, stopping: Event) -> Generator[Result]:
    """Do it to each run, some at once, and yield what came of each as it is done; one that fails stops no other.

    Once `stopping` is set, it is begun for no further run. Whoever closes the iterator stops it in the same way.
    """
    with ThreadPoolExecutor(AT_ONCE) as threads:
        try:
            for done in as_completed([threads.submit(_result, run, action, stopping) for run in runs]):
                if (result := done.result()) is not None:
                    yield result
        finally:
            stopping.set()


def _result(run: RunResource, action: Action, stopping: Event) -> Result | None:
    """Do it to the run, and return what came of it; None if it was not begun."""
    if stopping.is_set():
        return None
    try:
        return Result(run, action.act(run), failed=False)
    except ApiError as exc:
        return Result(run, str(exc), failed=True)
    except TockClientError as exc:
        return Result(run, f"{exc.problem} It may have been {action.done} nevertheless.", failed=True)
