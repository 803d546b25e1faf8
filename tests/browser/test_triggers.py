"""The list of triggers."""

from playwright.sync_api import Page, expect

from browser.conftest import Console


def test_a_list_shows_each_trigger_with_its_schedule_in_words(console: Console, page: Page) -> None:
    console.trigger("morning", console.agent("quick"), schedule={"cron": "0 9 * * 1-5", "time_zone": "Europe/Berlin"})

    page.goto(console.url("triggers"))

    expect(page.get_by_role("row", name="morning")).to_contain_text("at 09:00 on Monday to Friday, Europe/Berlin time")


def test_rapid_toggling_ends_in_the_last_chosen_state(console: Console, page: Page) -> None:
    console.trigger("morning", console.agent("quick"))
    page.goto(console.url("triggers"))
    switch = page.get_by_role("switch", name="Trigger morning is enabled")

    for _ in range(7):
        switch.click()

    expect(switch).not_to_be_checked()
    expect(page.locator("form.switch")).to_have_attribute("data-busy", "false")
    assert console.get("/triggers/morning")["enabled"] is False
