"""The baseline of a run: its read, the Commit that claims it and the Commit that settles it, alone.

The messages are built beforehand, and sent with a client as Google's library makes it. What `execute` adds is decoding,
deciding, the executor and its watchers, encoding and error handling.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
from google.cloud.firestore import AsyncClient
from google.cloud.firestore_v1 import types
from google.cloud.firestore_v1.services.firestore import FirestoreAsyncClient
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcAsyncIOTransport

from benchmarks.stack.deployment import Deployment
from benchmarks.stack.emulators import Emulators
from tock.app.execution.execute import Delivery
from tock.core.run import transition
from tock.core.run.outcome import Succeeded
from tock.ports.store import Change, Versioned
from tock.store.documents.commit import write_messages


@dataclass(frozen=True, slots=True)
class RunPayload:
    """The three calls of one run."""

    read: types.GetDocumentRequest
    claim: types.CommitRequest
    settle: types.CommitRequest


async def built_run_payloads(deployment: Deployment, deliveries: Sequence[Delivery]) -> list[RunPayload]:
    """Build what `execute` would send now for each delivery."""
    return [await _payload(deployment, delivery) for delivery in deliveries]


async def _payload(deployment: Deployment, delivery: Delivery) -> RunPayload:
    services, database = deployment.services, deployment.firestore._database_string
    run = await services.store.run(delivery.project, delivery.run)
    if run is None:
        raise RuntimeError(f"there is no run for {delivery}")
    now, timing = services.clock.now(), services.timing
    started = transition.start(run.value, now=now, owner=services.random.token(), agent_revision=1, timing=timing)
    settled = transition.settle(started, Succeeded(result={"done": True}), now=now, jitter=0.5, timing=timing)
    name = f"{database}/documents/projects/{delivery.project}/runs/{delivery.run}"
    return RunPayload(
        read=types.GetDocumentRequest(name=name),
        claim=_commit(database, Change(before=run, after=started)),
        settle=_commit(database, Change(before=Versioned(started, version=run.version), after=settled)),
    )


def _commit(database: str, change: Change) -> types.CommitRequest:
    writes = write_messages([change], documents=f"{database}/documents")
    return types.CommitRequest.wrap(types.CommitRequest.pb()(database=database, writes=writes))


@asynccontextmanager
async def bare_client(running: Emulators, deployment: Deployment) -> AsyncIterator[AsyncClient]:
    """Give a client of the deployment's database, with a connection that is open."""
    client = AsyncClient(project=deployment.google_project)
    transport = FirestoreGrpcAsyncIOTransport(channel=grpc.aio.insecure_channel(running.firestore))
    client._firestore_api_internal = FirestoreAsyncClient(transport=transport)
    await client.document("system/scheduler").get()
    yield client
    await transport.close()


async def send_run_payloads(client: AsyncClient, payloads: Sequence[RunPayload], *, concurrency: int) -> None:
    """Send the calls of all runs, those of one run one after another, those of `concurrency` runs at once."""
    firestore: Any = client._firestore_api
    metadata = client._rpc_metadata
    waiting = iter(payloads)

    async def worker() -> None:
        for payload in waiting:
            await firestore.get_document(request=payload.read, metadata=metadata, retry=None, timeout=60)
            claimed = await firestore.commit(request=payload.claim, metadata=metadata, retry=None, timeout=60)
            [result] = types.CommitResponse.pb(claimed).write_results
            [write] = types.CommitRequest.pb(payload.settle).writes
            write.current_document.update_time.CopyFrom(result.update_time)
            await firestore.commit(request=payload.settle, metadata=metadata, retry=None, timeout=60)

    await asyncio.gather(*(worker() for _ in range(concurrency)))
