"""The pages of one trigger: its overview with the calendar, its history, its proof."""

import re

from playwright.sync_api import Page, expect

from browser.conftest import ZONE, Console
from browser.stored import break_trigger, delete_record
from end_to_end.running_stack import RunningStack
from waiting import TIMEOUT, result_of


def test_a_trigger_shows_its_schedule_its_next_fire_times_and_its_policies_in_words(
    console: Console, page: Page
) -> None:
    console.trigger(
        "morning",
        console.agent("quick"),
        schedule={"cron": "30 2 * * *", "time_zone": "America/New_York"},
        input={"message": "<b>Sum up</b>", "payload": {"repo": "acme/shop"}},
        retry={"max_retries": 1, "delay": "90s"},
        overlap="queue",
        start="2027-03-12T00:00:00Z",
    )

    page.goto(console.url("triggers", "morning"))

    main = page.get_by_role("main")
    expect(main).to_contain_text("at 02:30 every day, America/New_York time")
    expect(main).to_contain_text("<b>Sum up</b>")
    expect(main).to_contain_text('"repo": "acme/shop"')
    expect(main).to_contain_text("waits for it to end; when 1 run waits already, it is skipped.")
    expect(main).to_contain_text("tried again once, first after 1 min 30 s.")
    first = page.get_by_role("table").filter(has=page.get_by_role("columnheader", name=ZONE)).get_by_role("row").nth(1)
    expect(first).to_contain_text("Fri 12 Mar 2027 02:30:00")
    expect(first).to_contain_text("12 Mar 2027 08:30")
    expect(main).to_contain_text("the clocks of America/New_York go forward from 02:00 to 03:00 on 2027-03-14")
    page.goto(f"{console.url('triggers', 'morning')}?month=2027-03")
    march = page.get_by_role("region", name="March 2027")
    expect(march.get_by_role("cell").filter(has_text="⟲")).to_contain_text("14")


def test_a_calendar_leads_to_the_runs_of_a_day_and_to_other_months(console: Console, page: Page) -> None:
    console.trigger("once", console.agent("quick"), schedule={"at": console.soon()})
    assert result_of(lambda: (console.get("/triggers/once")["last_run"] or {}).get("finished"))
    page.goto(console.url("triggers", "once"))
    month = page.get_by_role("heading", level=2).filter(has_text=re.compile(r"\d{4}$"))
    present = month.inner_text()

    page.get_by_role("link", name="The month after").click()
    expect(month).not_to_have_text(present)
    expect(page).to_have_url(re.compile(r"month=\d{4}-\d\d"))
    page.go_back()
    expect(month).to_have_text(present)
    page.get_by_role("link", name="1 succeeded").first.click()

    expect(page).to_have_url(re.compile(r"/runs\?trigger=once&since=.+&until="))


def test_a_skipped_fire_time_says_why(console: Console, page: Page) -> None:
    console.trigger("often", console.agent("works"), schedule={"at": console.soon()})
    console.reaches(result_of(lambda: _first_run(console, "often", "running")) or "", "running")
    console.patch("/triggers/often", {"schedule": {"at": console.soon()}, "enabled": True})
    assert result_of(lambda: _first_run(console, "often", "skipped"))

    page.goto(console.url("triggers", "often"))

    runs = page.get_by_role("table").first
    expect(runs.get_by_role("row", name="skipped")).to_contain_text("has been running since")
    expect(page.get_by_role("link", name="1 skipped, 1 running").first).to_be_visible()
    console.delete("/triggers/often", cancel="all")


def test_a_page_follows_a_run_while_it_is_active(console: Console, page: Page) -> None:
    console.trigger("morning", console.agent("works"))
    run = console.post("/triggers/morning:run")["id"]
    console.reaches(run, "running")
    page.goto(console.url("triggers", "morning"))
    row = page.get_by_role("row", name=run[:8])
    expect(row).to_contain_text("running")

    console.post(f"/runs/{run}:steer", {"message": "stop"})

    expect(row).to_contain_text("succeeded", timeout=TIMEOUT * 1000)
    expect(page.locator("#live")).to_have_attribute("hx-trigger", re.compile(r"^tock:switched(, every \d\d+s)?$"))


def test_a_trigger_that_is_switched_off_loses_its_coming_fire_times_at_once(console: Console, page: Page) -> None:
    console.trigger("morning", console.agent("quick"), schedule={"cron": "0 9 * * *", "time_zone": "UTC"})
    page.goto(console.url("triggers", "morning"))
    coming = page.locator("#coming")
    expect(coming.locator("tr[data-coming]")).to_have_count(8)

    page.get_by_role("switch").click()

    expect(coming).to_contain_text("The trigger is disabled, so it has no fire time.")
    expect(coming.locator("tr[data-coming]")).to_have_count(0)
    expect(coming.get_by_role("table")).to_have_count(1)


def test_disabling_asks_which_runs_end_with_it(console: Console, page: Page) -> None:
    console.trigger("often", console.agent("works"), schedule={"at": console.soon()})
    run = result_of(lambda: _first_run(console, "often", "running")) or ""
    console.patch("/triggers/often", {"schedule": {"at": "2199-01-01T00:00:00Z"}, "enabled": True})
    page.goto(console.url("triggers", "often"))

    page.get_by_role("link", name="Disable it and choose what becomes of its 1 unfinished run").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Cancel all of them").check()
    dialog.get_by_role("button", name="Disable the trigger").click()

    expect(page.get_by_role("status")).to_contain_text("The trigger often is disabled.")
    expect(page).to_have_url(console.url("triggers", "often"))
    assert console.settled(run)["status"] == "cancelled"


def test_a_trigger_without_unfinished_runs_is_disabled_after_a_plain_question(console: Console, page: Page) -> None:
    console.trigger("morning", console.agent("quick"))
    page.goto(console.url("triggers", "morning"))
    expect(page.get_by_role("link", name="Disable it and choose")).to_have_count(0)

    page.goto(console.url("triggers", "morning", "disable"))
    expect(page.get_by_role("radio")).to_have_count(0)
    page.get_by_role("button", name="Disable the trigger").click()

    expect(page.get_by_role("status")).to_contain_text("The trigger morning is disabled.")


def test_a_history_shows_who_changed_which_field(console: Console, page: Page) -> None:
    console.trigger("morning", console.agent("quick"), input={"message": "<i>old</i>"})
    changes = {"input": {"message": "new", "payload": {"a": {"b": 1}}}, "schedule": {"cron": "0 10 1 1 *"}}
    console.patch("/triggers/morning", changes)
    console.post("/triggers/morning:disable")
    page.goto(console.url("triggers", "morning"))

    page.get_by_role("navigation", name="Trigger").get_by_role("link", name="History").click()

    expect(page.get_by_role("heading", level=2)).to_have_text(
        [
            "Revision 3: disabled by somebody on this machine",
            "Revision 2: changed by somebody on this machine",
            "Revision 1: created by somebody on this machine",
        ]
    )
    expect(page.get_by_role("row", name="input.message")).to_contain_text("<i>old</i>")
    expect(page.get_by_role("row", name="input.message")).to_contain_text("new")
    expect(page.get_by_role("row", name="input.payload.a.b")).to_have_text(re.compile("not set.*1", re.DOTALL))
    expect(page.get_by_role("row", name="schedule.cron")).to_contain_text("0 10 1 1 *")


def test_a_proof_holds_until_a_record_is_gone(stack: RunningStack, console: Console, page: Page) -> None:
    console.trigger("once", console.agent("quick"), schedule={"at": console.soon()})
    assert result_of(lambda: (console.get("/triggers/once")["last_run"] or {}).get("finished"))
    page.goto(console.url("triggers", "once"))
    page.get_by_role("navigation", name="Trigger").get_by_role("link", name="Proof").click()
    expect(page.get_by_text("Every occurrence is accounted for, once.")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("1 fired")

    delete_record(stack, console, console.get("/triggers/once")["last_run"]["run"])
    page.get_by_role("link", name="Last 7 days").click()

    expect(page.get_by_text("Not every occurrence is accounted for.")).to_be_visible()
    expect(page.get_by_role("heading", name="Lost: without a record")).to_be_visible()
    expect(page.get_by_role("row", name="has no record")).to_be_visible()


def test_an_interval_that_cannot_be_proved_says_why_beside_its_field(console: Console, page: Page) -> None:
    console.trigger("morning", console.agent("quick"))
    page.goto(console.url("triggers", "morning", "proof"))

    page.get_by_label("From").fill("2020-01-01T00:00:00")
    page.get_by_role("button", name="Prove").click()

    expect(page.get_by_role("alert")).to_contain_text("lies before the oldest stored records")
    expect(page.get_by_label("From")).to_have_value("2020-01-01T00:00")
    expect(page.get_by_label("From")).to_have_attribute("aria-invalid", "true")


def test_one_time_is_explained_in_the_zone_of_the_reader(console: Console, page: Page) -> None:
    schedule = {"cron": "0 9 * * *", "time_zone": ZONE}
    console.trigger("morning", console.agent("quick"), schedule=schedule)
    page.goto(console.url("triggers", "morning"))

    page.get_by_label("What happened at").fill("2199-06-01T09:00:00")
    page.get_by_role("button", name="Ask").click()

    expect(page.get_by_role("main")).to_contain_text(
        "It is still to come: the trigger has the time 2199-06-01T09:00:00"
    )
    expect(page.get_by_label("What happened at")).to_have_value("2199-06-01T09:00")
    page.get_by_role("link", name="The fire time before").click()
    expect(page.get_by_role("main")).to_contain_text("the time 2199-05-31T09:00:00")


def test_a_deleted_trigger_has_a_page_that_says_so_and_keeps_its_proof(console: Console, page: Page) -> None:
    console.trigger("morning", console.agent("quick"))
    page.goto(console.url("triggers", "morning"))
    console.delete("/triggers/morning")

    page.get_by_role("switch").click()
    expect(page.get_by_role("status")).to_have_text("There is no trigger 'morning'.")
    page.reload()

    expect(page.get_by_role("heading", name="The trigger morning does not exist")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("Somebody on this machine deleted it")
    page.get_by_role("link", name="the proof of its occurrences").click()
    expect(page.get_by_text("This trigger does not exist any more")).to_be_visible()


def test_a_trigger_that_never_was_has_no_page(console: Console, page: Page) -> None:
    answer = page.goto(console.url("triggers", "nobody"))

    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("alert")).to_have_text("There is no trigger 'nobody'.")


def test_a_trigger_that_cannot_be_read_says_what_to_do(stack: RunningStack, console: Console, page: Page) -> None:
    console.trigger("morning", console.agent("quick"))
    break_trigger(stack, console, "morning")

    page.goto(console.url("triggers", "morning"))

    expect(page.get_by_role("heading", name="The trigger morning cannot be read")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(f"PUT /v1/projects/{console.project}/triggers/morning")


def _first_run(console: Console, trigger: str, status: str) -> str | None:
    runs = console.get("/runs", trigger=trigger, status=status)["runs"]
    return str(runs[0]["id"]) if runs else None
