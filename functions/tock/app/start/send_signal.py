"""Send a signal to an active run: a message into the turn that is under way, or one for after it."""

from tock.app.abilities import require_ability
from tock.app.execution.new_signal import new_signal
from tock.app.log import log_run_event
from tock.app.services import Services
from tock.core.errors import CommitConflict, FailedPrecondition, NotFound, RunSettled, StoreUnavailable
from tock.core.ids.derived import fingerprint
from tock.core.run.messages.signal import Signal, SignalKind
from tock.core.run.run import Run
from tock.ports.executor import Ability
from tock.ports.store import Change, Create

#: How often a signal is tried again when the run was changed meanwhile: at each heartbeat, and by other signals.
MAX_TRIES = 20
#: The most signals of one run.
MAX_SIGNALS = 1_000
#: Among how many of the newest signals a repeated request finds its own.
_LOOKED_AT = 100


async def send_signal(
    services: Services, *, project: str, run: str, kind: SignalKind, message: str, key: str | None, by: str
) -> Signal:
    """Send the signal once, however often a request with this idempotency key is repeated, and return it.

    An attempt that works takes it within about a second; otherwise the next attempt does.

    Raises NotFound, RunSettled, AbilityMissing (agents of this kind take no messages), FailedPrecondition (the run has
    a thousand signals), StoreUnavailable.
    """
    request = fingerprint(f"{kind} {message} {key}" if key is not None else services.random.token())
    for tried in range(MAX_TRIES):
        found = await services.store.run(project, run)
        if found is None:
            raise NotFound("run", run)
        if (tried or key is not None) and (sent := await _already_sent(services, found.value, request)) is not None:
            return sent
        await require_steerable(services, found.value)
        now, timing = services.clock.now(), services.timing
        after, signal = new_signal(found.value, kind, message=message, by=by, request=request, now=now, timing=timing)
        try:
            await services.store.commit([Change(before=found, after=after), Create(value=signal)])
        except CommitConflict:
            continue
        log_run_event("signal_sent", after, by=by, kind=kind, number=signal.number)
        return signal
    raise StoreUnavailable(f"Run {run} keeps changing: try again.")


async def require_steerable(services: Services, run: Run) -> None:
    """Return if the run takes a message now; raise as `send_signal` does."""
    if run.status.terminal:
        raise RunSettled(run.id, status=run.status, verb="steer")
    await require_ability(services, run, Ability.STEER, verb="steer")
    if run.signals >= MAX_SIGNALS:
        remedy = f"the run has had {MAX_SIGNALS} signals: cancel it, or wait until it ends"
        raise FailedPrecondition(field="run", value=run.id, remedy=remedy)


async def _already_sent(services: Services, run: Run, request: str) -> Signal | None:
    since = max(run.signals - _LOOKED_AT, 0)
    signals = await services.store.signals(run.project, run.id, since=since, limit=_LOOKED_AT)
    return next((each.value for each in signals if each.value.request == request), None)
