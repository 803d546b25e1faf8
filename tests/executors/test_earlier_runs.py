"""How executors ask how earlier runs ended."""

import asyncio

import pytest

from executors.recorder import Recorder
from tock.core.errors import StoreUnavailable
from tock.executors import earlier_runs
from tock.executors.earlier_runs import previous_runs
from tock.ports.host import Previous
from waiting import TIMEOUT

pytestmark = pytest.mark.anyio


class Unsure(Recorder):
    """A host whose store answers only the third question."""

    asked = 0

    async def previous(self) -> Previous:
        self.asked += 1
        if self.asked < 3:
            raise StoreUnavailable("No answer.")
        return await super().previous()


async def test_they_are_read_again_after_the_store_did_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(earlier_runs, "AGAIN_AFTER", 0.0)
    recorder = Unsure(before=Previous({"seen": 5}))

    async with asyncio.timeout(TIMEOUT):
        told = await previous_runs({"previous": True}, recorder.context())

    assert told == {"result": {"seen": 5}, "failure": None}


@pytest.mark.parametrize("config", [{}, {"previous": False}])
async def test_nothing_is_read_unless_the_configuration_asks_for_it(config: dict[str, bool]) -> None:
    recorder = Unsure()

    assert await previous_runs(config, recorder.context()) is None
    assert recorder.asked == 0
