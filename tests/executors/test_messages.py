"""How executors wait for messages to a run."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from executors.recorder import Recorder
from tock.core.errors import StoreUnavailable
from tock.executors import messages
from tock.executors.messages import next_messages
from tock.ports.host import Message
from waiting import TIMEOUT

pytestmark = pytest.mark.anyio
TOLD = Message(1, "steer", "left", "key:ada", datetime(2027, 3, 28, tzinfo=UTC))


class Unsure(Recorder):
    """A host whose store answers only the third question."""

    async def take_signals(self) -> Sequence[Message]:
        if self.given < 2:
            self.given += 1
            raise StoreUnavailable("No answer.")
        return await super().take_signals()


async def test_messages_are_waited_for_again_after_the_store_did_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "AGAIN_AFTER", 0.0)
    recorder = Unsure()
    recorder.signals.put_nowait(TOLD)

    async with asyncio.timeout(TIMEOUT):
        assert await next_messages(recorder.context()) == [TOLD]
