"""What people can do with a run now: the verbs that its use cases would accept, by the same conditions."""

from collections.abc import Awaitable, Callable
from enum import StrEnum

from tock.app.services import Services
from tock.app.start.answer import open_wait
from tock.app.start.require_free import require_free
from tock.app.start.resume import require_resumable
from tock.app.start.retry import RetryOptions, repetition
from tock.app.start.run_command import kept_workspace
from tock.app.start.send_signal import require_steerable
from tock.core.agent.session import session_subject
from tock.core.errors import FailedPrecondition, RunNotWaiting, RunSettled, TockError
from tock.core.run.outcome import WaitFor
from tock.core.run.run import Run


class Verb(StrEnum):
    """What somebody does with a run."""

    #: Stop it.
    CANCEL = "cancel"
    #: Send its agent a message.
    STEER = "steer"
    #: Approve or reject what it waits for.
    DECIDE = "decide"
    #: Give the value that it waits for.
    ANSWER = "answer"
    #: Repeat it.
    RETRY = "retry"
    #: Go on with its conversation.
    RESUME = "resume"
    #: Run a command in its workspace.
    EXEC = "exec"


async def possible_verbs(services: Services, run: Run) -> frozenset[Verb]:
    """Return the verbs that the run takes now. Another request may change that before somebody uses one.

    Raises StoreUnavailable.
    """
    return frozenset([verb for verb in Verb if await _takes(services, run, verb)])


async def require_verb(services: Services, run: Run, verb: Verb) -> None:
    """Return if the run takes the verb now. Raises what its use case would."""
    await _REQUIREMENTS[verb](services, run)


async def _takes(services: Services, run: Run, verb: Verb) -> bool:
    try:
        await require_verb(services, run, verb)
    except TockError as exc:
        if exc.transient:
            raise
        return False
    return True


async def _cancellable(_services: Services, run: Run) -> None:
    if run.status.terminal:
        raise RunSettled(run.id, status=run.status, verb="cancel")
    if run.cancel_requested is not None:
        # A second request would be accepted, and change nothing.
        raise FailedPrecondition(field="run", value=run.id, remedy="it was asked to stop already: wait until it does")


async def _decidable(_services: Services, run: Run) -> None:
    _require_wait(run, WaitFor.APPROVAL)


async def _answerable(_services: Services, run: Run) -> None:
    _require_wait(run, WaitFor.INPUT)


def _require_wait(run: Run, wanted: WaitFor) -> None:
    if run.status.terminal:
        raise RunSettled(run.id, status=run.status, verb="answer")
    if (asked := open_wait(run)) is not wanted:
        raise RunNotWaiting(run.id, status=run.status, wanted=wanted, waits_for=asked)


async def _retriable(services: Services, run: Run) -> None:
    again = await repetition(services, run, options=RetryOptions(), key=None, by="")
    await require_free(services, project=run.project, subject=again.subject or "")


async def _resumable(services: Services, run: Run) -> None:
    await require_resumable(services, run)
    await require_free(services, project=run.project, subject=session_subject(run.session or ""))


async def _executable(services: Services, run: Run) -> None:
    source, *_ = await kept_workspace(services, project=run.project, run=run.id)
    await require_free(services, project=run.project, subject=f"workspace:{source.id}")


#: What raises if the use case of a verb would.
_REQUIREMENTS: dict[Verb, Callable[[Services, Run], Awaitable[None]]] = {
    Verb.CANCEL: _cancellable,
    Verb.STEER: require_steerable,
    Verb.DECIDE: _decidable,
    Verb.ANSWER: _answerable,
    Verb.RETRY: _retriable,
    Verb.RESUME: _resumable,
    Verb.EXEC: _executable,
}
