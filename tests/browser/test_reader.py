"""How people read: their time zone and their theme."""

import re

from playwright.sync_api import Browser, BrowserContext, Page, expect

from browser.conftest import Console


def test_the_first_page_shows_times_in_the_browsers_zone(console: Console, browser: Browser) -> None:
    console.trigger("morning", console.agent("quick"), schedule={"cron": "0 9 1 1 *", "time_zone": "UTC"})
    context = browser.new_context(timezone_id="Asia/Tokyo")
    page = context.new_page()

    page.goto(console.url("triggers"))

    expect(page.get_by_label("Times in")).to_have_value("Asia/Tokyo")
    expect(page.get_by_role("row", name="morning").get_by_role("time").last).to_contain_text("1 Jan")
    expect(page.get_by_role("row", name="morning").get_by_role("time").last).to_contain_text("18:00")
    context.close()


def test_a_zone_that_somebody_chose_stays_in_a_new_tab(console: Console, context: BrowserContext, page: Page) -> None:
    page.goto(console.url())
    page.get_by_label("Times in").fill("America/New_York")
    page.get_by_role("button", name="Apply").click()

    tab = context.new_page()
    tab.goto(console.url("triggers"))

    expect(tab.get_by_label("Times in")).to_have_value("America/New_York")


def test_a_theme_that_somebody_chose_stays(console: Console, page: Page) -> None:
    page.goto(console.url())
    page.get_by_label("Theme").select_option("dark")
    page.get_by_role("button", name="Apply").click()

    page.goto(console.url("triggers"))

    assert page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"


def test_a_zone_that_is_none_is_answered_with_a_sentence(console: Console, page: Page) -> None:
    page.goto(console.url())
    page.get_by_label("Times in").fill("Europe/Berlim")
    page.get_by_role("button", name="Apply").click()

    expect(page.get_by_role("alert")).to_contain_text("did you mean 'Europe/Berlin'?")


def test_times_are_told_by_the_servers_clock_if_that_of_the_browser_is_wrong(console: Console, page: Page) -> None:
    console.run(console.agent("quick"))
    page.clock.install(time="2020-02-02T02:02:02Z")

    page.goto(console.url("runs"))

    time = page.get_by_role("row", name="quick").get_by_role("time").first
    expect(time).to_have_text(re.compile(r"^(now|\d+ s ago) "))
    page.clock.fast_forward("10:00")
    expect(time).to_have_text(re.compile(r"^10 min ago "))
