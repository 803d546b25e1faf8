"""The editor of triggers: its builder, its preview, and that it changes nothing that nobody touched."""

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from browser.conftest import Console
from waiting import TIMEOUT, result_of

#: Kinds of schedules, with a control of each, what is typed there, and the words of the preview.
_KINDS = (
    ("Every few minutes", "Minutes between fire times", "20", "every 20 minutes, Europe/Berlin time"),
    ("Hourly", "Minute of each hour", "5", "at minute 5 of every hour"),
    ("Monthly", "Day of the month", "31", "at 09:00 on day 31 of the month"),
    ("Custom cron", "Cron expression", "0 9 1 6 *", "at 09:00 on day 1 of the month in June"),
    ("Interval", "Every", "90m", "every 1 hour 30 minutes"),
    ("Once", "At", "2030-05-06T07:08", "once, at Mon 6 May 2030 07:08 +02:00 (Europe/Berlin)"),
)


def test_a_trigger_is_built_with_a_live_preview(console: Console, page: Page) -> None:
    console.agent("quick")
    page.goto(console.url("triggers", "new"))
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Berlin")
    preview = page.get_by_role("region", name="Next fire times")

    page.get_by_label("Id", exact=True).fill("morning")
    page.get_by_label("Agent", exact=True).select_option("quick")
    page.get_by_role("radio", name="Daily").check()
    page.get_by_label("Time of day").fill("07:15")
    page.get_by_label("Time zone").fill("Asia/Tokyo")

    expect(preview).to_contain_text("at 07:15 every day, Asia/Tokyo time")
    expect(preview.get_by_role("columnheader")).to_have_text(["Asia/Tokyo", "You (Europe/Berlin)", "When"])
    expect(preview.get_by_role("row")).to_have_count(11)
    page.get_by_role("button", name="Create trigger").first.click()
    expect(page.get_by_text("The trigger morning is created. It fires next in")).to_be_visible()
    assert console.get("/triggers/morning")["schedule"] == {"cron": "15 7 * * *", "time_zone": "Asia/Tokyo"}


def test_each_kind_of_schedule_is_previewed_as_one_types(console: Console, page: Page) -> None:
    page.goto(console.url("triggers", "new"))
    preview = page.get_by_role("region", name="Next fire times")

    for kind, label, typed, words in _KINDS:
        page.get_by_role("radio", name=kind).check()
        page.get_by_label(label, exact=True).fill(typed)

        expect(preview).to_contain_text(words)
    page.get_by_role("radio", name="Weekly").check()
    page.get_by_label("Fri").uncheck()
    expect(preview).to_contain_text("at 09:00 on Monday to Thursday, Europe/Berlin time")


def test_a_preset_fills_the_builder_and_keeps_what_was_typed(console: Console, page: Page) -> None:
    page.goto(console.url("triggers", "new"))
    page.get_by_label("Name").fill("Digest")

    page.get_by_role("link", name="Every Monday at 9").click()

    expect(page.get_by_role("region", name="Next fire times")).to_contain_text("at 09:00 on Monday")
    expect(page.get_by_label("Tue")).not_to_be_checked()
    expect(page.get_by_label("Name")).to_have_value("Digest")


def test_clock_changes_are_marked(console: Console, page: Page) -> None:
    console.trigger("nightly", console.agent("quick"), schedule={"cron": "30 2 * * *", "time_zone": "Europe/Berlin"})
    page.goto(console.url("triggers", "nightly", "edit"))

    page.get_by_label("Start", exact=True).fill("2027-03-27T00:00")

    preview = page.get_by_role("region", name="Next fire times")
    expect(preview).to_contain_text("2027-03-28 02:30:00 does not exist: fires right after the gap instead")
    expect(preview.get_by_role("row", name="Sun 28 Mar 2027 03:00 +02:00")).to_contain_text("clocks change")


def test_errors_stand_beside_their_fields_as_one_types(console: Console, page: Page) -> None:
    page.goto(console.url("triggers", "new"))
    zone = page.get_by_label("Time zone")

    page.get_by_label("Id", exact=True).fill("no id")
    zone.fill("Europe/Berln")

    expect(zone).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("did you mean 'Europe/Berlin'?")).to_be_visible()
    expect(page.get_by_label("Id", exact=True)).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("is required")).to_have_count(0)
    zone.fill("Europe/Berlin")
    expect(zone).not_to_have_attribute("aria-invalid", "true")


def test_time_zones_are_searched_by_name(console: Console, page: Page) -> None:
    page.goto(console.url("triggers", "new"))
    zone = page.get_by_label("Time zone")

    zone.focus()

    expect(page.locator("#zones option[value='America/Argentina/Buenos_Aires']")).to_have_text(
        re.compile("Buenos Aires")
    )
    # A browser offers the names that contain what stands there, so what stands there gives way to what is typed.
    page.keyboard.type("Tokyo")
    expect(zone).to_have_value("Tokyo")


def test_the_zone_of_the_browser_is_filled_in_by_a_button(console: Console, page: Page) -> None:
    console.trigger("morning", console.agent("quick"), schedule={"cron": "0 9 * * *", "time_zone": "Asia/Tokyo"})
    page.goto(console.url("triggers", "morning", "edit"))

    page.get_by_role("button", name="Use Europe/Berlin").click()

    expect(page.get_by_label("Time zone")).to_have_value("Europe/Berlin")
    expect(page.get_by_role("region", name="Next fire times")).to_contain_text("Europe/Berlin time")
    expect(page.get_by_role("button", name="Use Europe/Berlin")).to_be_hidden()


def test_whoever_leaves_with_unsaved_changes_is_asked_first(console: Console, page: Page) -> None:
    console.trigger("morning", console.agent("quick"))
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.goto(console.url("triggers", "morning", "edit"))
    page.get_by_role("link", name="Runs").click()
    expect(page).to_have_url(console.url("runs"))
    page.go_back()

    page.get_by_label("Name").fill("Digest")
    page.get_by_role("link", name="Runs").click(no_wait_after=True)

    result_of(lambda: asked)
    expect(page).to_have_url(console.url("triggers", "morning", "edit"))
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("The trigger morning is saved.")).to_be_visible()
    assert asked == ["beforeunload"]


def test_a_form_that_was_refused_is_not_saved_yet(console: Console, page: Page) -> None:
    console.agent("quick")
    page.goto(console.url("triggers", "new"))
    page.get_by_label("Name").fill("Digest")
    page.get_by_role("button", name="Create trigger").first.click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved yet")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))

    # A browser asks only on pages that somebody has touched.
    page.get_by_role("heading", name="New trigger").click()
    page.get_by_role("link", name="Runs").click(no_wait_after=True)

    result_of(lambda: asked)
    expect(page.get_by_label("Name")).to_have_value("Digest")


#: What browsers change on its way, and what a builder could write in another way.
_DELICATE: dict[str, Any] = {
    "name": "a  title",
    "description": "\n first\r\nsecond\rthird\n",
    "input": {
        "message": "{{payload.text}}\r\n<b>&amp;</b>\n",
        "payload": {"text": " \u2028 </textarea>", "b": 1.0, "a": {}},
    },
    "start": "2026-10-25T00:30:07.123456Z",
    "end": "2099-01-01T00:00:00.001Z",
    "retry": {"max_retries": 10, "delay": "PT1M0.5S", "give_up_at_next": True},
    "evidence": {"events": ["two words"], "output_schema": {}},
    "labels": {"team": "", "a/b": "c"},
    "timeout": "PT1M30S",
}


_SCHEDULES: tuple[dict[str, str], ...] = (
    {"cron": "0 9 1 6 *", "time_zone": "America/New_York"},
    {"cron": "0 9 * * 1-3,5", "time_zone": "America/New_York"},
    {"cron": " 0  9 * * mon-FRI", "time_zone": "UTC"},
    {"every": "PT1H1S", "anchor": "2026-10-25T01:30:00.000001Z"},
    {"at": "2098-10-26T01:30:07.5Z"},
)


def test_an_edit_that_changes_nothing_writes_nothing(console: Console, page: Page) -> None:
    agent = console.agent("quick")
    for number, schedule in enumerate(_SCHEDULES):
        before = console.trigger(f"t{number}", agent, schedule=schedule, **_DELICATE)
        page.goto(console.url("triggers", f"t{number}", "edit"))

        page.get_by_role("button", name="Save").first.click()

        expect(page.get_by_text(f"Nothing was changed: the trigger t{number} stays as it is.")).to_be_visible()
        assert console.get(f"/triggers/t{number}") == before


def test_an_edit_of_one_field_sends_that_field_alone(console: Console, page: Page) -> None:
    schedule = {"cron": "0 9 * * 1-3,5", "time_zone": "America/New_York"}
    console.trigger("morning", console.agent("quick"), schedule=schedule, **_DELICATE)
    before = console.get("/triggers/morning")
    page.goto(console.url("triggers", "morning", "edit"))

    page.get_by_label("Name").fill("Another title")
    page.keyboard.press("Enter")

    expect(page.get_by_text("The trigger morning is saved.")).to_be_visible()
    after = console.get("/triggers/morning")
    assert {field for field in after if after[field] != before[field]} == {"name", "revision", "updated"}


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Australia/Lord_Howe", "Pacific/Chatham"])
def test_one_instant_is_the_same_in_every_zone(console: Console, browser: Browser, zone: str) -> None:
    console.trigger("launch", console.agent("quick"), schedule={"at": "2099-05-06T07:08:09Z"})
    context = browser.new_context(timezone_id=zone)
    page = context.new_page()
    page.goto(console.url("triggers", "launch", "edit"))
    expect(page.locator("#schedule-at-help")).to_contain_text(f"In your zone, {zone}.")

    page.get_by_label("Name").fill("Launch")
    page.get_by_role("button", name="Save").first.click()

    expect(page.get_by_text("The trigger launch is saved.")).to_be_visible()
    assert console.get("/triggers/launch")["schedule"] == {"at": "2099-05-06T07:08:09Z"}
    context.close()


def test_a_time_that_comes_twice_is_chosen_and_one_that_is_skipped_is_refused(console: Console, page: Page) -> None:
    console.trigger("launch", console.agent("quick"), schedule={"at": "2099-05-06T07:08:09Z"})
    page.goto(console.url("triggers", "launch", "edit"))
    at = page.get_by_label("At", exact=True)

    at.fill("2027-03-28T02:30")

    expect(
        page.get_by_text("does not exist in Europe/Berlin: the clocks go forward from 02:00 to 03:00")
    ).to_be_visible()
    at.fill("2027-10-31T02:30")
    page.get_by_label("This time comes twice").select_option("the second, at +01:00")
    expect(page.get_by_role("region", name="Next fire times")).to_contain_text("Sun 31 Oct 2027 02:30 +01:00")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("The trigger launch is saved.")).to_be_visible()
    assert console.get("/triggers/launch")["schedule"] == {"at": "2027-10-31T01:30:00Z"}


def test_a_version_that_is_no_default_stays_and_can_be_changed(console: Console, page: Page) -> None:
    console.trigger("morning", console.agent("quick"), input={"ref": "release/1.2"})
    page.goto(console.url("triggers", "morning", "edit"))
    ref = page.get_by_label("Version or branch")
    expect(ref).to_have_value("release/1.2")

    ref.fill("no branch")
    page.get_by_role("button", name="Save").first.click()

    expect(page.get_by_text("is no name of a branch or a tag").last).to_be_visible()
    expect(ref).to_have_value("no branch")
    ref.fill("v2")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("The trigger morning is saved.")).to_be_visible()
    assert console.get("/triggers/morning")["input"]["ref"] == "v2"


def test_a_payload_is_checked_and_fills_the_message_as_one_types(console: Console, page: Page) -> None:
    console.agent("quick")
    page.goto(console.url("triggers", "new"))
    payload = page.get_by_label("Payload")

    payload.fill('{"repo": "acme/shop",\n bad}')

    expect(page.get_by_text(re.compile("is not acceptable JSON: .* at line 2, column 2"))).to_be_visible()
    payload.fill('{"repo": "acme/<b>shop</b>"}')
    page.get_by_label("Message").fill("Digest of {{payload.repo}} in {{time_zone}} for {{payload.who}}")
    expect(page.locator("#message-result")).to_have_text("Digest of acme/<b>shop</b> in Europe/Berlin for ")
    expect(page.locator("#input-message-wrong")).to_contain_text("the payload has no value for {{payload.who}}")


def test_an_edit_that_came_too_late_keeps_what_was_typed_and_says_who_was_faster(console: Console, page: Page) -> None:
    console.trigger("morning", console.agent("quick"))
    page.goto(console.url("triggers", "morning", "edit"))
    page.get_by_label("Name").fill("Mine")
    address = f"{console.site}/v1/projects/{console.project}/triggers/morning"
    httpx.patch(address, json={"name": "Theirs"}, timeout=TIMEOUT, trust_env=False).raise_for_status()

    page.get_by_role("button", name="Save").first.click()

    expect(page.get_by_role("alert")).to_contain_text("Somebody on this machine changed this trigger")
    expect(page.get_by_role("alert")).to_contain_text("Saving over the other version would change: name.")
    expect(page.get_by_label("Name")).to_have_value("Mine")
    assert console.get("/triggers/morning")["name"] == "Theirs"
    page.get_by_role("button", name="Save over it").click()
    expect(page.get_by_text("The trigger morning is saved.")).to_be_visible()
    assert console.get("/triggers/morning")["name"] == "Mine"


def test_an_agent_that_is_gone_is_explained(console: Console, page: Page) -> None:
    console.agent("quick")

    page.goto(console.url("triggers", "new?agent=gone"))

    expect(page.get_by_label("Agent", exact=True)).to_have_value("gone")
    expect(page.get_by_text("There is no agent gone in this project")).to_be_visible()


def test_a_trigger_is_created_and_previewed_without_scripts(console: Console, browser: Browser) -> None:
    console.agent("quick")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(console.url("triggers", "new"))

    page.get_by_label("Id", exact=True).fill("morning")
    page.get_by_label("Agent", exact=True).select_option("quick")
    page.get_by_role("radio", name="Hourly").check()
    page.get_by_label("Minute of each hour").fill("75")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("takes a whole number from 0 to 59")).to_be_visible()
    page.get_by_label("Minute of each hour").fill("45")
    page.get_by_role("button", name="Preview").click()

    expect(page.get_by_role("region", name="Next fire times")).to_contain_text("at minute 45 of every hour, UTC")
    page.get_by_label("Id", exact=True).press("Enter")
    expect(page.get_by_text("The trigger morning is created.")).to_be_visible()
    assert console.get("/triggers/morning")["schedule"]["cron"] == "45 * * * *"
    context.close()


def test_text_of_people_is_inert_in_the_form(console: Console, page: Page) -> None:
    hostile = "</textarea><script>document.title = 'owned'</script>\"'><img src=x onerror=alert(1)>"
    console.trigger("morning", console.agent("quick"), name=hostile, description=hostile, input={"message": hostile})

    page.goto(console.url("triggers", "morning", "edit"))

    expect(page.get_by_label("Name")).to_have_value(hostile)
    expect(page.get_by_label("Description")).to_have_value(hostile)
    expect(page).to_have_title(re.compile("^Edit morning"))
