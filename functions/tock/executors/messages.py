"""The messages to a run, as executors hand them on to agents outside this process."""

import asyncio
from collections.abc import Sequence

from tock.core.errors import Unavailable
from tock.ports.executor import RunContext
from tock.ports.host import Message

#: Seconds until the run is read again after the store did not answer.
AGAIN_AFTER = 1.0


async def next_messages(context: RunContext) -> Sequence[Message]:
    """Wait for messages and return them, in order; none once the attempt no longer holds its lease.

    While the store does not answer, it is asked again.
    """
    while True:
        try:
            return await context.messages()
        except Unavailable:
            await asyncio.sleep(AGAIN_AFTER)
