"""The overview of a project."""

import re
from datetime import datetime, timedelta

import httpx
from playwright.sync_api import Browser, Locator, Page, expect

from browser.conftest import Console
from browser.stored import delete_record
from end_to_end.running_stack import RunningStack
from waiting import TIMEOUT, result_of


def test_an_empty_project_is_told_how_to_begin(console: Console, page: Page) -> None:
    page.goto(console.url())

    expect(page.get_by_text("This project has no agent yet.")).to_be_visible()
    expect(page.get_by_role("link", name="New agent")).to_be_visible()
    expect(page.get_by_text("Nothing needs you.")).to_be_visible()


def test_the_overview_says_that_the_scheduler_is_alive_and_what_its_last_tick_did(console: Console, page: Page) -> None:
    result_of(lambda: httpx.get(f"{console.site}/v1/health", timeout=TIMEOUT, trust_env=False).is_success, after=60)

    page.goto(console.url())

    scheduler = page.get_by_role("region", name="Scheduler")
    expect(scheduler).to_contain_text(re.compile(r"Alive\s+The last tick succeeded (now|\d+ s ago)"))
    did = (
        scheduler.locator("div")
        .filter(has=page.get_by_role("term").filter(has_text="The last tick, all projects"))
        .last
    )
    expect(did.get_by_role("definition")).to_have_text(re.compile(r"had nothing to do|^\d+ \w+"))


def test_the_timeline_shows_each_run_as_a_mark_that_leads_to_it(console: Console, page: Page) -> None:
    agent = console.agent("quick")
    run = console.run(agent)
    page.goto(console.url())

    mark = page.get_by_role("region", name="Timeline").get_by_role(
        "link", name=re.compile("^Runs without a trigger: succeeded, .*quick")
    )
    mark.focus()
    mark.press("Enter")

    expect(page).to_have_url(console.url("runs", run["id"]))


def test_a_narrow_timeline_that_is_scrolled_to_now_still_names_its_rows(console: Console, page: Page) -> None:
    console.trigger("tomorrow", console.agent("quick"), schedule={"at": _in(console, minutes=5)})
    page.set_viewport_size({"width": 360, "height": 740})

    page.goto(console.url())

    name = page.get_by_role("group", name=re.compile("^tomorrow:")).get_by_role("link", name="tomorrow", exact=True)
    page.get_by_role("heading", name="Timeline").evaluate("each => each.scrollIntoView()")
    expect(name).to_be_in_viewport(ratio=1)
    assert page.locator(".picture").evaluate("each => each.scrollLeft") > 0


def test_the_arrow_keys_go_from_mark_to_mark(console: Console, page: Page) -> None:
    console.trigger("tomorrow", console.agent("quick"), schedule={"at": _in(console, minutes=5)})
    console.trigger("later", "quick", schedule={"every": "PT2M", "anchor": _in(console, minutes=3)})
    page.goto(f"{console.url()}?span=1h")
    row = page.get_by_role("group", name=re.compile("^later:"))
    # The first link is the name of the trigger.
    marks = row.get_by_role("link")
    expect(marks.nth(3)).to_be_visible()

    marks.last.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")

    expect(marks.nth(2)).to_be_focused()
    page.keyboard.press("ArrowDown")
    only = page.get_by_role("group", name=re.compile("^tomorrow:")).get_by_role("link", name=re.compile("scheduled"))
    expect(only).to_be_focused()


def test_the_interval_is_kept_in_the_url_and_clock_changes_are_drawn(console: Console, page: Page) -> None:
    console.trigger("nightly", console.agent("quick"))
    page.goto(f"{console.url()}?from=2027-03-27T23:00:00Z&span=6h")

    timeline = page.get_by_role("region", name="Timeline")
    expect(timeline.get_by_text("clocks go forward: 02:00 → 03:00")).to_be_visible()
    timeline.get_by_role("link", name="7d").click()
    expect(page).to_have_url(re.compile("span=7d"))
    timeline.get_by_role("link", name="Later").click()
    page.go_back()

    expect(timeline.get_by_role("link", name="7d")).to_have_attribute("aria-current", "true")
    expect(timeline.get_by_text("clocks go forward: 02:00 → 03:00")).to_be_visible()


def test_what_needs_a_person_is_named_and_leads_to_it(console: Console, page: Page) -> None:
    asked = console.run(console.agent("asks"), settled=False)
    console.reaches(asked["id"], "waiting")
    console.trigger(
        "broken", console.agent("fails"), schedule={"at": _in(console, seconds=2)}, retry={"max_retries": 0}
    )
    _ran(console, "broken")
    page.goto(console.url())

    attention = page.get_by_role("region", name="What needs a person")
    expect(attention).to_contain_text("broken failed at its last run")
    expect(attention).to_contain_text("waits for an approval: Publish it?")
    attention.get_by_role("link", name=f"asks, run {asked['id'][:8]}").click()

    expect(page).to_have_url(console.url("runs", asked["id"]))


def test_the_overview_goes_on_while_a_run_is_active_and_rests_when_none_is(console: Console, page: Page) -> None:
    run = console.run(console.agent("works"), settled=False)
    console.reaches(run["id"], "running")
    page.goto(console.url())
    coming = page.get_by_role("region", name="What comes next")
    expect(coming.get_by_role("row", name=re.compile("running"))).to_be_visible()

    console.post(f"/runs/{run['id']}:steer", {"message": "enough"})
    console.settled(run["id"])

    expect(coming).to_contain_text("No run is active")
    expect(page.get_by_role("link", name=re.compile(": succeeded, .*works"))).to_be_visible()
    for part in ("scheduler", "timeline"):
        expect(page.locator(f"#{part}")).not_to_have_attribute("hx-trigger", re.compile("every"))


def test_the_occurrences_of_the_last_day_are_proved_after_the_page(console: Console, page: Page) -> None:
    console.trigger("once", console.agent("quick"), schedule={"at": _in(console, seconds=2)})
    _ran(console, "once")

    page.goto(console.url())

    expect(
        page.get_by_text("Every occurrence of 1 trigger in the last 24 h is accounted for, once: 1 in all.")
    ).to_be_visible()
    expect(page.get_by_role("region", name="Lateness").locator("canvas")).to_be_visible()
    expect(page.get_by_role("region", name="Lateness").locator(".plot")).to_have_text(
        re.compile(r"From\W*\d\d:\d\d\s*p50\W*[\d.]+ m?s\s*p99\W*[\d.]+ m?s")
    )
    expect(page.get_by_role("link", name="New trigger")).to_be_visible()
    expect(page.get_by_role("heading", name="Last 30 days")).to_be_visible()


def test_an_occurrence_without_a_record_is_named_on_the_overview(
    stack: RunningStack, console: Console, page: Page
) -> None:
    console.trigger("once", console.agent("quick"), schedule={"at": _in(console, seconds=2)})
    _ran(console, "once")
    delete_record(stack, console, console.get("/triggers/once")["last_run"]["run"])

    page.goto(console.url())

    proof = page.get_by_role("region", name="Proof of the last 24 hours")
    expect(proof).to_contain_text("once: of 1 expected occurrence, 1 has no record")
    expect(proof).not_to_contain_text("is accounted for")


def test_what_was_spent_is_told_by_agent(console: Console, page: Page) -> None:
    for agent in (console.agent("spends"), console.agent("spends", "another"), "another"):
        console.run(agent)

    page.goto(console.url())

    spent = page.get_by_role("region", name="Spend and tokens")
    for span in ("Today (UTC)", "Last 7 days", "Last 30 days"):
        rows = spent.get_by_role("table", name=f"{span}, by agent").get_by_role("row")
        expect(rows.nth(1)).to_have_text(re.compile(r"^\s*another\s+\$0.50\s+20\s+tokens\s*$"))
        expect(rows.nth(2)).to_have_text(re.compile(r"^\s*spends\s+\$0.25\s+10\s+tokens\s*$"))
        full, half = (_bar_width(rows.nth(number)) for number in (1, 2))
        assert full > 20
        assert abs(half / full - 0.5) < 0.05
    expect(spent.get_by_text("$0.75")).to_have_count(3)


def test_the_overview_can_be_read_without_javascript(console: Console, browser: Browser) -> None:
    console.run(console.agent("quick"))
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(console.url())

    page.get_by_text("The same as a table").click()

    expect(page.get_by_role("row", name=re.compile("Runs without a trigger 1 succeeded"))).to_be_visible()
    page.get_by_role("link", name="Add up what was spent").click()
    expect(page.get_by_role("heading", name="Today (UTC)")).to_be_visible()
    page.context.close()


def _bar_width(row: Locator) -> float:
    """Return how wide the bar of a row of spending is drawn."""
    return float(row.locator("rect.part").evaluate("each => each.getBoundingClientRect().width"))


def _in(console: Console, **length: float) -> str:
    """Return a time that comes so much later, by the server's clock."""
    now = datetime.fromisoformat(console.get("/diagnosis")["at"])
    return (now + timedelta(**length)).isoformat()


def _ran(console: Console, trigger: str) -> None:
    """Return once the trigger's only fire time is over."""
    result_of(lambda: [run for run in console.get("/runs", trigger=trigger)["runs"] if run["finished"]], after=5)
