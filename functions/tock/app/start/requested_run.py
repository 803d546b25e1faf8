"""The run that a request starts, whatever it asks for: due now, and limited by the lock of its subject."""

from datetime import datetime, timedelta
from typing import Required, TypedDict, Unpack

from tock.app.services import Services
from tock.core.agent.evidence import Evidence
from tock.core.ids.derived import fingerprint, keyed_run_id, lock_id, shard_of
from tock.core.policies import Overlap, Retry
from tock.core.run.follow_up import FollowUp
from tock.core.run.run import Run, Snapshot
from tock.core.run.status import RunSource, RunStatus
from tock.core.time.stamp import Stamp


class RequestedWork(TypedDict, total=False):
    """What such a run does, in the fields of a run."""

    agent: Required[str]
    trigger: str | None
    input: Required[Snapshot]
    warnings: tuple[str, ...]
    retry: Required[Retry]
    timeout: Required[timedelta]
    evidence: Evidence | None
    progress_every: timedelta | None
    follow_up: FollowUp | None
    session: str | None
    retry_of: str
    resumed_from: str


def requested_run(
    services: Services,
    *,
    project: str,
    source: RunSource,
    subject: str | None,
    request: str,
    key: str | None,
    now: datetime,
    by: str,
    root: str | None = None,
    **work: Unpack[RequestedWork],
) -> Run:
    """Return a queued run for this request, whose id is that of its idempotency key, if it has one.

    `root` is the first run of those that repeat one another or go on with one another; by default this one.
    """
    token = services.random.token()
    identifier = keyed_run_id(project=project, key=key or token)
    return Run(
        project=project,
        id=identifier,
        source=source,
        scheduled_for=now,
        due_at=now,
        status=RunStatus.QUEUED,
        # A run on request never waits for scheduled runs; the lock of its subject limits it.
        overlap=Overlap.PARALLEL,
        claimed_by=token,
        created=Stamp(at=now, by=by),
        subject=subject,
        lock=None if subject is None else lock_id(subject=subject),
        request=fingerprint(request),
        root=root or identifier,
        check_at=now + services.timing.grace,
        shard=shard_of(identifier, shards=services.timing.shards),
        **work,
    )
