"""Looks at the queues of the local stack of this folder, for `tock doctor`."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from tock.cli.doctor.checks import NAMED, Line, State, listed
from tock.client._sync.client import Client
from tock.client.errors import NotFound
from tock.client.local_stack import LocalStack
from tock.core.run.stuck import PATIENCE
from tock.local.clock.deliveries import Deliveries, Delivery
from tock.local.errors import StackSilent

#: After so many tries nobody takes a task, although somebody is asked to.
MOST_TRIES = 5


def local_queue_lines(client: Client, stack: LocalStack, *, now: datetime) -> Iterator[Line]:
    """Yield whether the queues of the stack deliver, and which tasks nobody takes. Raises TockClientError."""
    host, queues = stack.cloud_tasks, stack.queues
    try:
        stopped, waiting = asyncio.run(_looked(host, queues))
    except StackSilent as exc:
        yield Line("queues", State.PROBLEM, str(exc), "Look at the output of `tock dev`.")
        return
    late = [each for each in waiting if each.due_at + PATIENCE < now or each.tries >= MOST_TRIES]
    if stopped:
        text = ", ".join(f"{queue} is {state}" for queue, state in stopped.items())
        remedy = f"Resume it as it was paused: ResumeQueue of Cloud Tasks, at {host}."
        yield Line("queues", State.PROBLEM, text, remedy)
    if late:
        named = [_described(client, each) for each in late[:NAMED]]
        remedy = "" if stopped else "Look at the output of `tock dev`: who should take them refuses or does not answer."
        yield Line("queues", State.WARNING, f"nobody takes {listed(named, len(late))}", remedy)
    if not stopped and not late:
        yield Line("queues", State.OK, f"{len(queues)} are RUNNING, and what is due is delivered")


async def _looked(host: str, queues: Sequence[str]) -> tuple[Mapping[str, str], Sequence[Delivery]]:
    async with Deliveries.of(host, queues) as deliveries:
        return await deliveries.stopped(), await deliveries.waiting()


def _described(client: Client, late: Delivery) -> str:
    """Return what a task is for and how often it was tried, also whether its run is gone."""
    tried = f", tried {late.tries} times" if late.tries else ""
    if late.run is None or late.project is None:
        return f"the task {late.task}{tried}"
    return f"the task of run {late.run}{'' if _exists(client, late) else ', which does not exist'}{tried}"


def _exists(client: Client, late: Delivery) -> bool:
    """Whether its run exists; that of another project counts as there."""
    if late.project != client.project:
        return True
    try:
        client.runs.get(late.run or "")
    except NotFound:
        return False
    return True
