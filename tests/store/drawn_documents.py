"""Documents of each kind with every field drawn, as strategies of hypothesis."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tock.core.agent.agent import Agent
from tock.core.agent.evidence import Evidence
from tock.core.policies import CatchUp, CatchUpMode, Overlap, Retry
from tock.core.run.events.event import Chunk, Event
from tock.core.run.follow_up import FollowUp
from tock.core.run.run import (
    Attempt,
    CancelRequest,
    Lease,
    MissedRange,
    Run,
    RunError,
    RunUsage,
    RunWorkspace,
    Snapshot,
)
from tock.core.run.status import AttemptStatus, RunSource, RunStatus
from tock.core.schedule.schedule import CronSchedule, IntervalSchedule, OnceSchedule
from tock.core.time.stamp import Stamp
from tock.core.trigger.trigger import ClaimedRun, Input, Pause, PauseReason, Trigger

INSTANTS = st.datetimes(timezones=st.just(UTC))
TEXTS = st.text(max_size=20)
WORDS = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12)
NUMBERS = st.integers(0, 2**63 - 1)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS | st.just("__x__"), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(TEXTS, JSON, max_size=3)
STAMPS = st.builds(Stamp, at=INSTANTS, by=TEXTS)
LENGTHS = st.timedeltas(timedelta(seconds=1), timedelta(seconds=1740))
RETRIES = st.builds(Retry, max_retries=st.integers(0, 10), delay=LENGTHS)
ERRORS = st.builds(RunError, type=WORDS, message=TEXTS, retryable=st.booleans())


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


SCHEDULES = st.one_of(
    st.builds(
        CronSchedule,
        cron=st.sampled_from(["0 9 * * 1-5", "*/5 * * * *", "0 0 1 1 * 30"]),
        time_zone=st.just("Europe/Berlin"),
    ),
    st.builds(
        IntervalSchedule, every=st.integers(1, 86_400 * 366).map(lambda n: timedelta(seconds=n)), anchor=INSTANTS
    ),
    st.builds(OnceSchedule, at=INSTANTS),
)
#: As it is stored: what was no schema was refused before.
EVIDENCE = st.builds(
    Evidence.model_construct,
    output_schema=optional(OBJECTS),
    events=st.lists(st.sampled_from(["pull_request", "review"]), max_size=2).map(tuple),
    min_tokens=optional(st.integers(1, 2**53)),
)
LABELS = st.dictionaries(
    st.from_regex(r"[a-z0-9]([a-z0-9._/-]{0,9}[a-z0-9])?", fullmatch=True),
    st.sampled_from(["", "shop", "A.b_c-1"]),
    max_size=3,
)
TRIGGERS = st.builds(
    Trigger,
    project=st.just("acme"),
    id=st.just("morning"),
    agent=st.sampled_from(["digest", "a.b-c_d"]),
    schedule=SCHEDULES,
    name=optional(WORDS),
    description=TEXTS,
    input=st.builds(Input, message=optional(TEXTS), payload=OBJECTS, model=optional(WORDS), ref=optional(WORDS)),
    overlap=st.sampled_from(Overlap),
    queue_depth=st.integers(1, 10),
    catch_up=st.builds(
        CatchUp, mode=st.sampled_from(CatchUpMode), window=st.timedeltas(timedelta(minutes=1), timedelta(days=7))
    ),
    retry=RETRIES,
    timeout=LENGTHS,
    evidence=optional(EVIDENCE),
    start=optional(st.just(datetime(2000, 1, 1, tzinfo=UTC))),
    end=optional(st.just(datetime(3000, 1, 1, tzinfo=UTC))),
    enabled=st.booleans(),
    labels=LABELS,
    revision=NUMBERS,
    generation=NUMBERS,
    next_run_at=optional(INSTANTS),
    shard=st.integers(0, 29),
    claimed=st.lists(st.builds(ClaimedRun, run=WORDS, fire_time=INSTANTS), max_size=3).map(tuple),
    conversation=optional(WORDS),
    last_run=optional(WORDS),
    paused=optional(st.builds(Pause, reason=st.sampled_from(PauseReason), note=TEXTS, at=INSTANTS, by=TEXTS)),
    created=STAMPS,
    updated=STAMPS,
)
RUNS = st.builds(
    Run,
    project=st.just("acme"),
    id=st.just("run-1"),
    agent=WORDS,
    trigger=optional(WORDS),
    source=st.sampled_from(RunSource),
    scheduled_for=INSTANTS,
    due_at=INSTANTS,
    status=st.sampled_from(RunStatus),
    reason=optional(TEXTS),
    input=st.builds(Snapshot, message=optional(TEXTS), payload=OBJECTS, model=optional(WORDS), time_zone=WORDS),
    retry=RETRIES,
    timeout=st.timedeltas(timedelta(), timedelta(days=900)),
    overlap=st.sampled_from(Overlap),
    queue_depth=NUMBERS,
    generation=NUMBERS,
    claimed_by=WORDS,
    created=STAMPS,
    attempt=NUMBERS,
    attempts=st.lists(
        st.builds(
            Attempt,
            number=NUMBERS,
            status=st.sampled_from(AttemptStatus),
            owner=WORDS,
            started=INSTANTS,
            ended=optional(INSTANTS),
            error=optional(ERRORS),
            agent_revision=NUMBERS,
            session=optional(TEXTS),
        ),
        max_size=2,
    ).map(tuple),
    lease=optional(st.builds(Lease, owner=WORDS, expires_at=INSTANTS)),
    check_at=optional(INSTANTS),
    shard=st.integers(0, 29),
    cancel_requested=optional(st.builds(CancelRequest, reason=TEXTS, at=INSTANTS, by=TEXTS)),
    previous=optional(WORDS),
    retried_by=st.lists(WORDS, max_size=2).map(tuple),
    started=optional(INSTANTS),
    finished=optional(INSTANTS),
    result=JSON,
    error=optional(ERRORS),
    usage=st.builds(RunUsage, input_tokens=NUMBERS, cost=st.floats(0, 1e6), unpriced_tokens=NUMBERS),
    evidence=optional(EVIDENCE),
    progress_every=optional(LENGTHS),
    workspace=optional(
        st.builds(
            RunWorkspace,
            repository=WORDS,
            branch=WORDS,
            commit=optional(WORDS),
            start_commit=optional(WORDS),
            dirty=st.booleans(),
            files=st.lists(TEXTS, max_size=2).map(tuple),
            changed=NUMBERS,
            ref=optional(WORDS),
            warning=optional(TEXTS),
        )
    ),
    start_commit=optional(WORDS),
    follow_up=optional(
        st.builds(FollowUp, of=WORDS, repository=WORDS, command=WORDS, arguments=st.lists(TEXTS, max_size=2).map(tuple))
    ),
    missed=optional(st.builds(MissedRange, first=INSTANTS, last=INSTANTS, count=NUMBERS)),
    expire_at=optional(INSTANTS),
)
AGENTS = st.builds(
    Agent,
    project=st.just("acme"),
    id=st.just("digest"),
    kind=WORDS,
    name=optional(WORDS),
    description=TEXTS,
    config=OBJECTS,
    labels=LABELS,
    project_concurrency=optional(st.integers(1, 100)),
    created=STAMPS,
    updated=STAMPS,
)
CHUNKS = st.builds(
    Chunk,
    project=st.just("acme"),
    run=st.just("run-1"),
    first_seq=st.just(7),
    last_seq=NUMBERS,
    events=st.lists(
        st.builds(Event, seq=NUMBERS, at=INSTANTS, attempt=NUMBERS, kind=TEXTS, data=JSON, truncated=st.booleans()),
        max_size=3,
    ).map(tuple),
    expire_at=INSTANTS,
)
