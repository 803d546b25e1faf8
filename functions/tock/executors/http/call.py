"""One attempt of an agent behind a URL: the message that starts it, and how its answer is read."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tock.core.mask import Mask
from tock.core.run.outcome import AgentOutcome, WaitFor, Waiting
from tock.executors.http.answers.event_stream import outcome_of_stream
from tock.executors.http.answers.response import outcome_of_answer
from tock.executors.http.answers.success_condition import SuccessCondition
from tock.executors.http.answers.usage_paths import UsagePaths
from tock.executors.http.connection import Connection, NotReached, body_of
from tock.executors.http.message import Post
from tock.executors.http.notify import cancel, steer
from tock.executors.shield import shielded
from tock.ports.executor import RunContext

if TYPE_CHECKING:
    import httpx

_ACCEPTED = 202
_OK = 200
_STREAM = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Call:
    """One attempt: the message that starts it, and what its answer is read with."""

    message: Post
    context: RunContext
    connection: Connection
    mask: Mask
    now: Callable[[], datetime]
    success: SuccessCondition | None
    usage: UsagePaths | None
    #: How long the agent may take to call back after a 202; None if it must answer at once.
    deadline: timedelta | None
    cancel_url: str | None
    steer_url: str | None

    async def outcome(self) -> AgentOutcome:
        """Return the outcome; until then, hand on messages to the agent if it takes any.

        When this is cancelled, it closes the connection and tells the agent to stop, if that has a URL for it.
        """
        try:
            if self.steer_url is None:
                return await self._outcome()
            steering = steer(self.steer_url, self.context, connection=self.connection)
            return await _beside(steering, self._outcome())
        except asyncio.CancelledError:
            if self.cancel_url is not None:
                await shielded(cancel(self.cancel_url, self.context, connection=self.connection))
            raise

    async def _outcome(self) -> AgentOutcome:
        try:
            async with self.connection.answer(self.message) as response:
                return await self._read(response)
        except NotReached as exc:
            return exc.failure

    async def _read(self, response: "httpx.Response") -> AgentOutcome:
        status = response.status_code
        headers = {name.lower(): value for name, value in response.headers.items()}
        if status == _ACCEPTED and self.deadline is not None:
            return Waiting(WaitFor.CALLBACK, deadline=self.deadline)
        if status == _OK and headers.get("content-type", "").partition(";")[0].strip().lower() == _STREAM:
            parts = response.aiter_raw()
            return await outcome_of_stream(
                parts, host=self.context.host, mask=self.mask, success=self.success, usage=self.usage
            )
        return outcome_of_answer(
            status=status,
            headers=headers,
            body=await body_of(response),
            now=self.now(),
            mask=self.mask,
            success=self.success,
            usage=self.usage,
        )


async def _beside(other: Coroutine[Any, Any, None], work: Coroutine[Any, Any, AgentOutcome]) -> AgentOutcome:
    """Return the outcome of the work, with the other coroutine running until then."""
    beside = asyncio.create_task(other)
    try:
        return await work
    finally:
        beside.cancel()
        # Not awaited itself: its cancellation would look like one of this attempt.
        await asyncio.wait({beside})
        if not beside.cancelled():
            beside.result()
