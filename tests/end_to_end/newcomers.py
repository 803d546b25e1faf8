"""What newcomers write: an agent that raises, and one whose result is no JSON."""

from datetime import UTC, datetime
from typing import Any

import tock


@tock.agent
async def raises(run: tock.RunContext) -> str:
    prices = {"coffee": "2.50"}
    return prices[run.message]


tock.trigger("raising", raises, tock.every("30d"), message="tea", retry={"max_retries": 0})


@tock.agent("no-json")
async def no_json(_run: tock.RunContext) -> Any:
    return {"at": datetime(2027, 1, 1, tzinfo=UTC)}
