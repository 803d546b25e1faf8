"""What somebody does on the first day, from the overview, without having read anything."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from browser.conftest import Console

#: How often the trigger of this test fires: often enough to watch, and longer than a page takes.
INTERVAL = "10s"


def test_a_newcomer_schedules_an_agent_and_finds_out_what_became_of_its_runs(console: Console, page: Page) -> None:
    console.agent("works")
    soon = datetime.now(UTC) + timedelta(seconds=2)  # noqa: TID251 - a fire time that really comes
    console.trigger("prices", console.agent("fails"), schedule={"at": soon.isoformat()}, retry={"max_retries": 0})
    page.goto(console.url())

    # Create a trigger for an agent.
    page.get_by_role("navigation").get_by_role("link", name="Triggers").click()
    page.get_by_role("link", name="New trigger").click()
    page.get_by_label("Id", exact=True).fill("watch")
    page.get_by_label("Agent", exact=True).select_option("works")
    page.get_by_role("radio", name="Interval").check()
    page.get_by_label("Every", exact=True).fill(INTERVAL)
    page.get_by_role("button", name="Create trigger").first.click()
    expect(page.get_by_role("status")).to_contain_text("watch")

    # Watch it run: it works until somebody tells it something.
    expect(page.get_by_role("link", name="running")).to_be_visible()
    page.get_by_role("link", name="running").first.click()
    expect(page.get_by_role("region", name="Log")).to_contain_text("the work has begun")

    # The next one was skipped: find out why.
    page.get_by_role("link", name="watch").first.click()
    page.get_by_role("row", name="skipped").get_by_role("link").first.click()
    expect(page.get_by_role("main")).to_contain_text("It was skipped")

    # Something needs a person: the failed run. Repeat it with another model.
    page.get_by_role("navigation").get_by_role("link", name="Overview").click()
    needs = page.get_by_role("region", name="What needs a person")
    needs.get_by_role("link", name="prices").click()
    expect(page.get_by_role("main")).to_contain_text("KeyError")
    page.get_by_role("link", name="Retry").click()
    page.get_by_label("Model").fill("good-model")
    page.get_by_role("dialog").get_by_role("button", name="Retry").click()
    expect(page.get_by_role("main")).to_contain_text("the good model knew it")
