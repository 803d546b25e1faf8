"""Launch a run on request: create it, with its lock, and enqueue it."""

from dataclasses import dataclass

from tock.app.enqueue import enqueue
from tock.app.lock_holder import lock_holder
from tock.app.log import log_run_event
from tock.app.services import Services
from tock.core.errors import ActiveRun, CommitConflict, KeyReused, StoreUnavailable
from tock.core.ids.derived import fingerprint, keyed_run_id
from tock.core.run.admission.lock import Lock
from tock.core.run.run import Run
from tock.core.run.status import RunSource
from tock.ports.store import Change, Create, Document, Versioned, Write

#: How often a launch tries again when another run took or released the lock meanwhile.
MAX_TRIES = 5


@dataclass(frozen=True, slots=True)
class Launched:
    """The run, and whether this request created it."""

    run: Run
    created: bool


async def launch(services: Services, run: Run, *, key: str | None, linked: Versioned[Run] | None = None) -> Launched:
    """Create the run of a request, at most once, and return it.

    1. In one Commit, create the run and, if it has a subject, its lock; the run that it repeats, or goes on with
       (`linked`), notes its id.
    2. If that conflicts and a run of this id exists, return that run: it comes from an unacknowledged try of this
       request, or from an earlier request with the same idempotency key.
    3. If the lock exists, an active run that holds it is an error; the lock of a settled run is taken over.
    4. Enqueue the new run; if that fails, the sweep does it.

    Raises ActiveRun, KeyReused, StoreUnavailable.
    """
    held: Versioned[Lock] | None = None
    for _ in range(MAX_TRIES):
        try:
            await services.store.commit(_writes(run, held=held, linked=linked))
        except (CommitConflict, StoreUnavailable) as exc:
            existing = await services.store.run(run.project, run.id)
            if existing is not None:
                return await _existing(services, existing.value, run, key=key)
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
    """Return the run that an earlier, equal request with this key started, or None if there is none.

    It works even if the trigger or agent was changed or deleted since. Raises KeyReused if the request was another.
    """
    existing = None if key is None else await services.store.run(project, keyed_run_id(project=project, key=key))
    return None if existing is None else _require_same(existing.value, key=key, request=fingerprint(request))


def _writes(run: Run, *, held: Versioned[Lock] | None, linked: Versioned[Run] | None) -> list[Write]:
    writes: list[Write] = [Create(value=run)]
    if run.lock is not None and run.subject is not None:
        lock: Document = Lock(project=run.project, id=run.lock, subject=run.subject, run=run.id)
        writes.append(Create(value=lock) if held is None else Change(before=held, after=lock))
    if linked is not None:
        writes.append(Change(before=linked, after=linked.value.model_copy(update=_link(linked.value, run))))
    return writes


def _link(settled: Run, run: Run) -> dict[str, object]:
    """Return what a settled run notes of the one that comes after it."""
    if run.source is RunSource.RESUME:
        return {"resumed_by": run.id}
    return {"retried_by": (*settled.retried_by, run.id)}


async def _existing(services: Services, existing: Run, wanted: Run, *, key: str | None) -> Launched:
    if existing.claimed_by == wanted.claimed_by:
        await enqueue(services, [existing])
        return Launched(run=existing, created=True)
    return _require_same(existing, key=key, request=wanted.request)


def _require_same(existing: Run, *, key: str | None, request: str | None) -> Launched:
    if key is None or existing.request != request:
        raise KeyReused(key=key or "", run=existing.id)
    return Launched(run=existing, created=False)


async def _lock_to_take_over(services: Services, run: Run) -> Versioned[Lock] | None:
    if run.lock is None:
        return None
    lock, holder = await lock_holder(services, project=run.project, lock=run.lock)
    if lock is not None and holder is not None:
        raise ActiveRun(subject=lock.value.subject, run=holder.value.id)
    return lock
