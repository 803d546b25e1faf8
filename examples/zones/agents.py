"""A report for each office at nine in the morning there, on working days, also after an outage."""

import tock

#: The offices, and the time zones in which they are.
OFFICES = {"berlin": "Europe/Berlin", "new-york": "America/New_York", "tokyo": "Asia/Tokyo"}


@tock.agent(timeout="2m", retry={"max_retries": 1, "delay": "5s"})
async def report(run: tock.RunContext) -> dict[str, str]:
    office = run.input["office"]
    try:
        numbers = await numbers_of(office)
    except ConnectionError:
        if run.attempt == 1:
            raise
        # The second attempt reports the numbers of the last report rather than none.
        last = (await run.previous()).result or {}
        numbers = last.get("numbers", "unknown")
        run.emit("fallback", {"numbers": numbers})
    return {"office": office, "numbers": numbers}


async def numbers_of(office: str) -> str:
    """Stands in for the service that knows the numbers: it has none of Tokyo."""
    if office == "tokyo":
        raise ConnectionError("the numbers of tokyo cannot be reached")
    return f"{len(office)} orders"


TRIGGERS = {
    office: tock.trigger(
        f"report-{office}",
        report,
        tock.cron("0 9 * * 1-5", time_zone),
        payload={"office": office},
        # After an outage: the newest report if it is at most three hours late, and none that is older.
        catch_up={"mode": "latest", "window": "3h"},
    )
    for office, time_zone in OFFICES.items()
}
