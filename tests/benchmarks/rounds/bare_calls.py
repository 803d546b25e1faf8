"""The baseline of a tick: its Commits and CreateTask calls alone.

The messages are built beforehand, and sent with the clients and methods that the engine uses: Firestore's generated
client and the transport of the Cloud Tasks client. What a tick adds is reading, planning, encoding and error handling.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from google.api_core.gapic_v1.routing_header import to_grpc_metadata
from google.cloud.firestore_v1 import types
from google.cloud.tasks_v2 import CreateTaskRequest

from benchmarks.stack.deployment import Deployment
from tock.app.tick.claim_triggers import _writes
from tock.app.tick.tick import GROUP, GROUPS_AT_ONCE, PAGE
from tock.core.trigger.claim import claim
from tock.core.trigger.plan import plan
from tock.core.trigger.trigger import Trigger
from tock.ports.queue import Task
from tock.ports.store import Versioned
from tock.queue.cloud_tasks import CALLS_AT_ONCE
from tock.store.documents.commit import write_messages
from tock.store.queries.query import Condition, Query


@dataclass(frozen=True, slots=True)
class Payload:
    """One group's Commit, and the CreateTask calls that follow it."""

    commit: types.CommitRequest
    tasks: Sequence[CreateTaskRequest]


async def built_payloads(deployment: Deployment) -> list[Payload]:
    """Build what a tick would send now: all due triggers in groups, planned and encoded as the engine does."""
    services = deployment.services
    now = services.clock.now()
    due: list[Versioned[Trigger]] = []
    page = await services.store.due_triggers(until=now + services.timing.look_ahead, limit=PAGE)
    while True:
        due += [trigger for trigger in page.triggers if isinstance(trigger, Versioned)]
        if page.cursor is None:
            break
        page = await services.store.due_triggers(until=now + services.timing.look_ahead, limit=PAGE, cursor=page.cursor)
    return [_payload(deployment, due[first : first + GROUP]) for first in range(0, len(due), GROUP)]


def _payload(deployment: Deployment, members: Sequence[Versioned[Trigger]]) -> Payload:
    services = deployment.services
    now = services.clock.now()
    token = f"tick-{services.random.token()}"
    claims = [
        (
            member,
            claim(
                member.value,
                plan(member.value, now=now, look_ahead=services.timing.look_ahead),
                now=now,
                claimed_by=token,
                timing=services.timing,
            ),
        )
        for member in members
    ]
    documents = f"{deployment.firestore._database_string}/documents"
    writes = write_messages(list(chain.from_iterable(_writes(*made) for made in claims)), documents=documents)
    commit = types.CommitRequest.wrap(
        types.CommitRequest.pb()(database=deployment.firestore._database_string, writes=writes)
    )
    queue: Any = services.queue
    tasks = [
        CreateTaskRequest.wrap(queue._task_message(Task.of(run), queue=deployment.queue))
        for _, made in claims
        for run in made.queued
    ]
    return Payload(commit=commit, tasks=tasks)


async def measure_read(deployment: Deployment) -> float:
    """Read the first page of due triggers as the engine does; return how many seconds it took.

    Every tick reads it, and the bare calls leave it out.
    """
    services = deployment.services
    started = time.perf_counter()
    await services.store.due_triggers(until=services.clock.now() + services.timing.look_ahead, limit=PAGE)
    return time.perf_counter() - started


async def bare_read(deployment: Deployment) -> int:
    """Read the first page of due triggers with the generated client alone; return how many it holds."""
    services, firestore = deployment.services, deployment.firestore
    until = services.clock.now() + services.timing.look_ahead
    where = (Condition("shard", "in", list(range(services.timing.shards))), Condition("next_run_at", "<=", until))
    query = Query("triggers", everywhere=True, where=where, order="next_run_at")
    parent = f"{firestore._database_string}/documents"
    request = types.RunQueryRequest.pb()(parent=parent, structured_query=query.message(limit=PAGE))
    responses = await firestore._firestore_api.run_query(
        request=types.RunQueryRequest.wrap(request), metadata=firestore._rpc_metadata, retry=None, timeout=60
    )
    return len([response async for response in responses])


async def measure_bare_calls(deployment: Deployment, payloads: Sequence[Payload]) -> float:
    """Send the payloads with the concurrency of a tick; return how many seconds it took."""
    firestore, metadata = deployment.firestore._firestore_api, deployment.firestore._rpc_metadata
    transport: Any = deployment.tasks.transport
    routing = (to_grpc_metadata({"parent": deployment.queue}),)
    groups = iter(payloads)
    ready: asyncio.Queue[CreateTaskRequest | None] = asyncio.Queue()

    async def commit() -> None:
        for payload in groups:
            await firestore.commit(request=payload.commit, metadata=metadata, retry=None, timeout=60)
            for task in payload.tasks:
                ready.put_nowait(task)

    async def create() -> None:
        while (task := await ready.get()) is not None:
            await transport.create_task(task, metadata=routing, timeout=60)

    started = time.perf_counter()
    creators = [asyncio.create_task(create()) for _ in range(GROUPS_AT_ONCE * CALLS_AT_ONCE)]
    await asyncio.gather(*(commit() for _ in range(GROUPS_AT_ONCE)))
    for _ in creators:
        ready.put_nowait(None)
    await asyncio.gather(*creators)
    return time.perf_counter() - started
