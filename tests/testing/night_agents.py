"""Agents and triggers for nights on which clocks change, and for backlogs."""

import tock

BERLIN = "Europe/Berlin"


@tock.agent
def told(run: tock.SyncRunContext) -> dict[str, str]:
    return {"at": run.scheduled_for.isoformat()}


@tock.agent
async def told_in_loop(run: tock.RunContext) -> dict[str, str]:
    return {"at": run.scheduled_for.isoformat()}


@tock.agent("flaky", retry={"max_retries": 1, "delay": "20m"})
async def flaky(run: tock.RunContext) -> str:
    if run.attempt == 1:
        raise ConnectionError("not yet")
    return "at last"


@tock.agent
def patient(run: tock.SyncRunContext) -> object:
    return "answered" if run.answer is not None else run.request_approval("Go on?")


#: A local time that the spring night skips, and that the autumn night repeats.
tock.trigger("half-past-two", told, tock.cron("30 2 * * *", BERLIN))
tock.trigger("each-hour", told_in_loop, tock.cron("0 * * * *", BERLIN))
tock.trigger("interval", told_in_loop, tock.every("20m"))
tock.trigger("flaky-night", flaky, tock.cron("5 1 * * *"))

tock.trigger("latest", told, tock.cron("*/10 * * * *"), catch_up={"mode": "latest", "window": "30m"})
tock.trigger("all", told_in_loop, tock.cron("*/10 * * * *"), catch_up={"mode": "all", "window": "30m"})
tock.trigger("none", told_in_loop, tock.cron("*/10 * * * *"), catch_up="none")
tock.trigger("skips", patient, tock.cron("*/15 * * * *"), overlap="skip")
