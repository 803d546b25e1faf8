"""What a page weighs that nobody has visited before, as the browser counts it."""

from playwright.sync_api import Page

from browser.conftest import Console
from waiting import result_of

#: Bytes; with all files that the page loads.
LIMIT = 150_000
RUNS = 50


def test_a_page_of_fifty_runs_weighs_less_than_150_kb(console: Console, page: Page) -> None:
    agent = console.agent("quick")
    for number in range(RUNS):
        console.run(agent, settled=False, input={"message": f"run {number}"})
    result_of(lambda: len(console.get("/runs", status="succeeded", page_size=RUNS)["runs"]) == RUNS)
    weighed: dict[str, float] = {}
    requests: dict[str, str] = {}
    debugger = page.context.new_cdp_session(page)
    debugger.send("Network.enable")
    debugger.on("Network.requestWillBeSent", lambda sent: requests.update({sent["requestId"]: sent["request"]["url"]}))
    debugger.on(
        "Network.loadingFinished",
        lambda done: weighed.update({requests[done["requestId"]]: done["encodedDataLength"]}),
    )

    page.goto(console.url("runs"), wait_until="load")

    assert page.locator("tbody tr").count() == RUNS
    total = sum(weighed.values())
    print(f"{total:,.0f} bytes: { {url.rpartition('/')[2]: round(size) for url, size in weighed.items()} }")  # noqa: T201 - the figure
    assert any(url.endswith("htmx.min.js") for url in weighed)
    assert total < LIMIT
