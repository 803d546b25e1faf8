"""Cancel a run as its Commit writes it: one at work is asked to stop, by a signal that its runner hears at once."""

from tock.app.execution.new_signal import new_signal
from tock.app.services import Services
from tock.core.run import transition
from tock.core.run.messages.signal import SignalKind
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.ports.store import Create, Write


def cancel_request(services: Services, run: Run, *, by: str, reason: str) -> tuple[Run, tuple[Write, ...]]:
    """Return the run as cancelled, or as asked to stop if it is running, and what is written beside it.

    Without a signal, the runner of a running one would find the request at its next heartbeat only. A run that was
    asked already gets no second signal, and one that is not running needs none.
    """
    now, timing = services.clock.now(), services.timing
    after = transition.cancel(run, by=by, reason=reason, now=now, timing=timing)
    if after.status is not RunStatus.RUNNING or run.cancel_requested is not None:
        return after, ()
    request = services.random.token()
    after, signal = new_signal(after, SignalKind.CANCEL, message=reason, by=by, request=request, now=now, timing=timing)
    # So that it is not counted among the messages to the agent.
    named = after.cancel_requested and after.cancel_requested.model_copy(update={"signal": signal.number})
    return after.model_copy(update={"cancel_requested": named}), (Create(value=signal),)
