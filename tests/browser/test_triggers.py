"""The list of triggers, and what is done to one from there."""

import re

from playwright.sync_api import Page, Route, expect

from browser.conftest import Console
from browser.stored import break_trigger
from end_to_end.running_stack import RunningStack
from waiting import result_of


def test_a_list_shows_all_that_is_known_of_a_trigger(console: Console, page: Page) -> None:
    console.trigger(
        "morning",
        console.agent("quick"),
        name="Morning digest",
        schedule={"cron": "0 9 * * 1-5", "time_zone": "Europe/Berlin"},
        input={"ref": "v1.2"},
        labels={"managed-by": "acme.agents"},
    )

    page.goto(console.url("triggers"))

    row = page.get_by_role("row", name="Morning digest")
    expect(row.get_by_role("link", name="Morning digest")).to_be_visible()
    for text in ("morning", "quick", "v1.2", "managed by acme.agents", "never"):
        expect(row).to_contain_text(text)
    expect(row).to_contain_text("at 09:00 on Monday to Friday, Europe/Berlin time")
    expect(row.locator("time")).to_contain_text("09:00")
    expect(row.get_by_role("switch")).to_be_checked()
    actions = row.get_by_role("group", name="Actions of morning").get_by_role("link")
    expect(actions).to_have_text(["Run now", "Runs", "Edit", "Duplicate", "Delete"])
    actions.filter(has_text="Edit").click()
    expect(page).to_have_url(console.url("triggers", "morning", "edit"))
    page.go_back()
    actions.filter(has_text="Runs").click()
    expect(page).to_have_url(f"{console.url('runs')}?trigger=morning")


def test_a_list_links_the_last_run_with_its_status(console: Console, page: Page) -> None:
    console.trigger("once", console.agent("quick"), schedule={"at": console.soon()})
    last = result_of(lambda: (console.get("/triggers/once")["last_run"] or {}).get("finished") and True)
    assert last
    page.goto(console.url("triggers"))

    page.get_by_role("row", name="once").get_by_role("link", name="succeeded").click()

    expect(page).to_have_url(re.compile(f"/runs/{console.get('/triggers/once')['last_run']['run']}$"))


def test_rapid_toggling_ends_in_the_last_chosen_state(console: Console, page: Page) -> None:
    console.trigger("morning", console.agent("quick"))
    console.trigger("evening", "quick")
    page.goto(f"{console.url('triggers')}?text=morning")
    switch = page.get_by_role("switch", name="Trigger morning is enabled")

    for _ in range(7):
        switch.click()

    expect(switch).not_to_be_checked()
    expect(page.locator("form.switch")).to_have_attribute("data-busy", "false")
    expect(page.get_by_role("row", name="morning")).to_contain_text("Disabled by somebody on this machine")
    expect(page.get_by_role("row", name="evening")).to_have_count(0)
    assert console.get("/triggers/morning")["enabled"] is False


def test_a_slow_answer_to_an_earlier_choice_does_not_undo_the_last_one(console: Console, page: Page) -> None:
    console.trigger("morning", console.agent("quick"))
    console.trigger("evening", "quick")
    page.goto(console.url("triggers"))
    morning, evening = (
        page.get_by_role("switch", name=f"Trigger {name} is enabled") for name in ("morning", "evening")
    )
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/triggers/morning/disable", hold)

    morning.click()
    morning.click()
    evening.click()

    # The other row does not wait, and its answer leaves alone what was chosen in the first one.
    expect(page.locator("#switch-evening")).to_have_attribute("data-busy", "false")
    assert console.get("/triggers/evening")["enabled"] is False
    expect(page.locator("#switch-morning")).to_have_attribute("data-busy", "true")
    expect(morning).to_be_checked()
    held[0].continue_()
    expect(page.locator("#switch-morning")).to_have_attribute("data-busy", "false")
    expect(page.get_by_role("row", name="evening")).to_contain_text("Disabled by somebody on this machine")
    expect(morning).to_be_checked()
    assert console.get("/triggers/morning")["enabled"] is True
    assert len(held) == 1


def test_a_trigger_that_tock_disabled_says_why_and_what_to_do(console: Console, page: Page) -> None:
    console.trigger("once", console.agent("quick"), schedule={"at": console.soon()})
    assert result_of(lambda: not console.get("/triggers/once")["enabled"])

    page.goto(console.url("triggers"))

    row = page.get_by_role("row", name="once")
    expect(row).to_contain_text("Disabled by Tock: no fire time is left")
    expect(row).to_contain_text("Change the schedule to bring it back.")


def test_a_switch_that_the_server_refuses_goes_back_and_shows_its_sentence(console: Console, page: Page) -> None:
    console.trigger("once", console.agent("quick"), schedule={"at": console.soon()})
    assert result_of(lambda: not console.get("/triggers/once")["enabled"])
    page.goto(console.url("triggers"))

    page.get_by_role("switch").click()

    expect(page.get_by_role("alert")).to_contain_text("has no fire time")
    expect(page.get_by_role("switch")).not_to_be_checked()


def test_filters_stand_in_the_address_and_can_be_cleared(console: Console, page: Page) -> None:
    quick, fails = console.agent("quick"), console.agent("fails")
    console.trigger("morning", quick, labels={"team": "shop"})
    console.trigger("evening", quick, labels={"team": "web"}, enabled=False)
    console.trigger("night", fails, name="Evening of others", labels={"team": "shop"})
    page.goto(console.url("triggers"))
    rows = page.get_by_role("rowgroup").last.get_by_role("row")

    for field, value, found in (
        ("Agent", quick, ["evening", "morning"]),
        ("State", "disabled", ["evening"]),
        ("Label", "team=shop", ["Evening of others", "morning"]),
        ("Name or id", "EVEN", ["Evening of others", "evening"]),
    ):
        control = page.get_by_role("search").get_by_label(field)
        control.select_option(value) if field in {"Agent", "State"} else control.fill(value)
        page.get_by_role("button", name="Filter").click()
        expect(rows).to_have_count(len(found))
        for name, row in zip(found, rows.all(), strict=True):
            expect(row).to_contain_text(name)
        page.reload()
        expect(rows).to_have_count(len(found))
        page.get_by_role("link", name="Clear filters").click()
        expect(rows).to_have_count(3)


def test_a_long_list_has_pages_and_says_which_triggers_they_show(console: Console, page: Page) -> None:
    agent = console.agent("quick")
    for number in range(51):
        console.trigger(f"t{number}", agent, enabled=False)
    page.goto(console.url("triggers"))
    pages = page.get_by_role("navigation", name="Pages")
    expect(pages).to_contain_text(re.compile(r"^\s*1.50 of 51\s+Next page"))

    pages.get_by_role("link", name="Next page").click()

    expect(pages).to_contain_text("51 of 51")
    expect(page.get_by_role("row", name="t0")).to_be_visible()
    pages.get_by_role("link", name="First page").click()
    expect(page.get_by_role("row", name="t50")).to_be_visible()


def test_a_trigger_is_run_now_with_another_input_from_its_row(console: Console, page: Page) -> None:
    given = {"message": "Sum up {{payload.repo}}", "payload": {"repo": "acme/shop"}}
    console.trigger("morning", console.agent("quick"), input=given)
    page.goto(console.url("triggers"))

    page.get_by_role("link", name="Run now").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Message")).to_have_value("Sum up {{payload.repo}}")
    dialog.get_by_label("Payload").fill('{"repo": ')
    expect(dialog).to_contain_text("is not JSON")
    expect(dialog.get_by_role("button", name="Run now")).to_be_disabled()
    dialog.get_by_label("Payload").fill('{"repo": "acme/web"}')
    dialog.get_by_label("Model").fill("small")
    dialog.get_by_role("button", name="Run now").click()

    expect(page).to_have_url(re.compile(r"/runs/[^/]+$"))
    run = console.get(f"/runs/{page.url.rsplit('/', 1)[-1]}")
    assert (run["trigger"], run["source"]) == ("morning", "manual")
    assert run["input"] == {
        "message": "Sum up acme/web",
        "payload": {"repo": "acme/web"},
        "model": "small",
        "ref": None,
        "time_zone": "Europe/Berlin",
    }


def test_a_start_that_is_sent_twice_starts_one_run(console: Console, page: Page) -> None:
    console.trigger("morning", console.agent("works"))
    page.goto(console.url("triggers", "morning", "run"))
    hidden = {name: page.locator(f"[data-check] [name={name}]").input_value() for name in ("form_token", "key")}

    page.get_by_role("button", name="Run now").dblclick()
    expect(page).to_have_url(re.compile(r"/runs/[^/]+$"))
    again = page.request.post(console.url("triggers", "morning", "run"), form=hidden, max_redirects=0)

    assert page.url.endswith(again.headers["location"])
    assert len(console.get("/runs", trigger="morning")["runs"]) == 1


def test_a_start_that_is_refused_shows_the_sentence_and_what_was_typed(console: Console, page: Page) -> None:
    console.trigger("morning", console.agent("works"))
    console.post("/triggers/morning:run")
    page.goto(console.url("triggers", "morning", "run"))

    page.get_by_label("Message").fill("Do it again")
    page.get_by_role("button", name="Run now").click()

    expect(page.get_by_role("alert")).to_contain_text("'trigger:morning' has an active run")
    expect(page.get_by_label("Message")).to_have_value("Do it again")
    page.get_by_label("Subject").fill("once more")
    page.get_by_role("button", name="Run now").click()
    expect(page).to_have_url(re.compile(r"/runs/[^/]+$"))


def test_a_duplicate_gets_the_id_that_was_asked_for(console: Console, page: Page) -> None:
    console.trigger("morning", console.agent("quick"), name="Digest", labels={"managed-by": "acme", "team": "shop"})
    page.goto(console.url("triggers"))

    page.get_by_role("link", name="Duplicate").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Id").fill("morning")
    expect(dialog).to_contain_text("exists already")
    dialog.get_by_label("Id").fill("evening")
    dialog.get_by_role("button", name="Duplicate").click()

    expect(page).to_have_url(console.url("triggers", "evening"))
    made = console.get("/triggers/evening")
    assert (made["name"], made["enabled"], made["labels"]) == ("Digest", False, {"team": "shop"})


def test_a_deletion_asks_and_cancels_the_runs_that_were_chosen(console: Console, page: Page) -> None:
    console.trigger("once", console.agent("works"), schedule={"at": console.soon()})
    run = result_of(lambda: next(iter(console.get("/runs", trigger="once", status="running")["runs"]), None)) or {}
    page.goto(console.url("triggers"))

    page.get_by_role("link", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("It has 1 unfinished run")
    dialog.get_by_label("Cancel all of them").check()
    dialog.get_by_role("button", name="Delete the trigger").click()

    expect(page.get_by_role("status")).to_contain_text("The trigger once is deleted.")
    assert console.settled(run["id"])["status"] == "cancelled"
    assert console.get("/triggers")["triggers"] == []


def test_without_unfinished_runs_a_deletion_asks_one_plain_question(console: Console, page: Page) -> None:
    console.trigger("morning", console.agent("works"))
    by_hand = console.post("/triggers/morning:run")["id"]
    console.reaches(by_hand, "running")
    page.goto(console.url("triggers"))

    page.get_by_role("link", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete the trigger morning?")
    expect(dialog.get_by_role("radio")).to_have_count(0)
    dialog.get_by_role("button", name="Delete the trigger").click()

    expect(page.get_by_role("status")).to_contain_text("The trigger morning is deleted.")
    console.post(f"/runs/{by_hand}:steer", {"message": "enough"})
    assert console.settled(by_hand)["status"] == "succeeded"


def test_a_row_offers_no_start_that_the_server_would_refuse(console: Console, page: Page) -> None:
    console.trigger("morning", console.agent("quick"))
    console.patch("/agents/quick", {"enabled": False})

    page.goto(console.url("triggers"))

    expect(page.get_by_role("row", name="morning")).to_contain_text("This agent is disabled")
    expect(page.get_by_role("link", name="Run now")).to_have_count(0)


def test_a_stale_list_refuses_what_is_done_to_a_deleted_trigger(console: Console, page: Page) -> None:
    console.trigger("morning", console.agent("quick"))
    page.goto(console.url("triggers"))
    console.delete("/triggers/morning")

    page.get_by_role("switch").click()

    expect(page.get_by_role("alert")).to_have_text("There is no trigger 'morning'.")
    expect(page.get_by_role("row", name="morning")).to_have_count(0)


def test_a_trigger_that_cannot_be_read_is_named_and_can_be_deleted(
    stack: RunningStack, console: Console, page: Page
) -> None:
    console.trigger("morning", console.agent("quick"))
    console.trigger("evening", "quick")
    break_trigger(stack, console, "morning")
    page.goto(console.url("triggers"))

    expect(page.get_by_role("row", name="evening")).to_be_visible()
    expect(page.get_by_text("The trigger morning cannot be read")).to_be_visible()
    page.get_by_role("link", name="delete it").click()
    page.get_by_role("button", name="Delete the trigger").click()

    expect(page.get_by_role("status")).to_contain_text("The trigger morning is deleted.")
    expect(page.get_by_text("cannot be read")).to_have_count(0)
