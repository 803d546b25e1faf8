"""The agents of a shop, whose day the pictures of the documentation show."""

from typing import Any

import anyio

import tock


@tock.agent
async def digest(run: tock.RunContext) -> Any:
    """Sum up what customers wrote."""
    for step in ("reads the mails", "groups them", "writes the digest"):
        run.emit("progress", {"step": step})
        await anyio.sleep(0.05)
    run.usage(input_tokens=4_200, output_tokens=380, cost=0.031, model="small-model")
    return {"mails": 12, "about": ["delivery", "sizes", "a broken zip"]}


@tock.agent
async def prices(run: tock.RunContext) -> str:
    """Compare prices; the supplier does not answer at each full hour."""
    run.emit("progress", {"step": "asks the supplier"})
    run.usage(input_tokens=900, output_tokens=40, cost=0.004, model="small-model")
    if run.scheduled_for.minute == 0:
        message = "the supplier did not answer within 10 s"
        raise TimeoutError(message)
    return "3 prices changed"


@tock.agent
async def newsletter(run: tock.RunContext) -> Any:
    """Write the newsletter, and send it once somebody approves."""
    if run.answer is None:
        return run.request_approval("Send the newsletter to 1,204 customers?")
    return {"sent": run.answer.approved}


tock.trigger("digest", digest, tock.cron("*/20 * * * *", "Europe/Berlin"), message="What did customers write?")
tock.trigger("prices", prices, tock.cron("*/30 * * * *", "Europe/Berlin"), retry={"max_retries": 0})
tock.trigger(
    "nightly", digest, tock.cron("30 2 * * *", "Europe/Berlin"), message="What did customers write this night?"
)
tock.trigger("newsletter", newsletter, tock.cron("0 4 * * 7", "Europe/Berlin"))
