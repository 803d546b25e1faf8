"""Start a trigger or an agent now: create the run, with its lock, and hand it to the queue."""

from dataclasses import dataclass

from tock.app.enqueue import enqueue
from tock.app.log import log_run_event
from tock.app.services import Services
from tock.core.errors import ActiveRun, CommitConflict, KeyReused, StoreUnavailable
from tock.core.ids import fingerprint, keyed_run_id
from tock.core.run.lock import Lock
from tock.core.run.run import Run
from tock.ports.store import Change, Create, Document, Versioned, Write

#: How often a launch looks again when the lock it met has changed hands.
MAX_TRIES = 5


@dataclass(frozen=True, slots=True)
class Launched:
    """The run, and whether this very request created it."""

    run: Run
    created: bool


async def launch(services: Services, run: Run, *, key: str | None, linked: Versioned[Run] | None = None) -> Launched:
    """Return the run that this request stands for, created at most once.

    1. One Commit creates the run and, when it has a subject, its lock; `linked` (the run it repeats) notes it.
    2. On a conflict: a run of that id is there already, from this request (an unacknowledged try), or from an earlier
       one under the same idempotency key.
    3. Or the lock is held: by an active run, which is an error, or by a settled one, whose lock is taken over.
    4. What was created is enqueued; if that fails, the sweep does it.

    Raises ActiveRun, KeyReused, StoreUnavailable.
    """
    held: Versioned[Lock] | None = None
    for _ in range(MAX_TRIES):
        try:
            await services.store.commit(_writes(run, held=held, linked=linked))
        except (CommitConflict, StoreUnavailable) as exc:
            existing = await services.store.run(run.project, run.id)
            if existing is not None:
                return await _repeated(services, existing.value, run, key=key)
            if isinstance(exc, StoreUnavailable):
                raise
            held = await _lock_to_take_over(services, run)
            if linked is not None:
                linked = await services.store.run(linked.value.project, linked.value.id)
        else:
            log_run_event("run_launched", run, source=run.source.value, by=run.created.by)
            await enqueue(services, [run])
            return Launched(run=run, created=True)
    raise StoreUnavailable(f"The runs of subject {run.subject!r} keep changing: try again.")


async def already_launched(services: Services, *, project: str, key: str | None, request: str) -> Launched | None:
    """Return the run that an earlier request under this key started, whatever has become of its trigger since.

    Raises KeyReused when that was another request.
    """
    existing = None if key is None else await services.store.run(project, keyed_run_id(project=project, key=key))
    return None if existing is None else _same(existing.value, key=key, request=fingerprint(request))


def _writes(run: Run, *, held: Versioned[Lock] | None, linked: Versioned[Run] | None) -> list[Write]:
    writes: list[Write] = [Create(value=run)]
    if run.lock is not None and run.subject is not None:
        lock: Document = Lock(project=run.project, id=run.lock, subject=run.subject, run=run.id)
        writes.append(Create(value=lock) if held is None else Change(before=held, after=lock))
    if linked is not None:
        repeated = (*linked.value.retried_by, run.id)
        writes.append(Change(before=linked, after=linked.value.model_copy(update={"retried_by": repeated})))
    return writes


async def _repeated(services: Services, existing: Run, wanted: Run, *, key: str | None) -> Launched:
    if existing.claimed_by == wanted.claimed_by:
        await enqueue(services, [existing])
        return Launched(run=existing, created=True)
    return _same(existing, key=key, request=wanted.request)


def _same(existing: Run, *, key: str | None, request: str | None) -> Launched:
    if key is None or existing.request != request:
        raise KeyReused(key=key or "", run=existing.id)
    return Launched(run=existing, created=False)


async def _lock_to_take_over(services: Services, run: Run) -> Versioned[Lock] | None:
    if run.lock is None:
        return None
    lock = await services.store.lock(run.project, run.lock)
    if lock is None:
        return None
    holder = await services.store.run(run.project, lock.value.run)
    if holder is not None and not holder.value.status.terminal:
        raise ActiveRun(subject=lock.value.subject, run=lock.value.run)
    return lock
