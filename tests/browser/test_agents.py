"""The pages of agents: the list, one agent, its form, and the dialog that runs it."""

import re

from playwright.sync_api import Page, Route, expect

from browser.conftest import Console
from waiting import result_of


def test_a_list_shows_each_agent_with_what_it_can_do_its_triggers_runs_limits_and_owner(
    console: Console, page: Page
) -> None:
    console.trigger("morning", console.agent("quick"))
    console.run("quick")
    console.patch("/agents/quick", {"concurrency": 3, "labels": {"managed-by": "shop"}})

    page.goto(console.url("agents"))

    row = page.get_by_role("row", name="quick")
    for words in ("python", "messages, conversations, questions", "succeeded", "3 at once", "shop"):
        expect(row).to_contain_text(words)
    expect(row.get_by_role("link", name="1", exact=True)).to_have_attribute(
        "href", f"/projects/{console.project}/triggers?agent=quick"
    )


def test_pages_of_the_list_are_kept_in_the_address(console: Console, page: Page) -> None:
    for number in range(5):
        console.agent("quick", f"agent-{number}")
    page.goto(console.url("agents?page_size=2"))

    page.get_by_role("link", name="Next page").click()

    expect(page.get_by_role("row", name="agent-1")).to_be_visible()
    expect(page.get_by_role("row", name="agent-0")).to_have_count(0)
    expect(page.get_by_role("row", name="agent-4")).to_have_count(0)
    page.go_back()
    expect(page.get_by_role("row", name="agent-4")).to_be_visible()


def test_an_agent_shows_its_settings_its_triggers_its_runs_and_what_it_cost(console: Console, page: Page) -> None:
    console.trigger("morning", console.agent("spends"))
    console.trigger("evening", console.agent("spends", "another"))
    run, others = console.run("spends"), console.run("another")

    page.goto(console.url("agents", "spends"))

    expect(page.get_by_role("region", name="Configuration as JSON")).to_contain_text("people:spends")
    runs, triggers = page.get_by_role("region", name="Latest runs"), page.get_by_role("region", name="Triggers")
    expect(runs).to_contain_text(run["id"][:8])
    expect(runs).not_to_contain_text(others["id"][:8])
    expect(triggers).to_contain_text("morning")
    expect(triggers).not_to_contain_text("evening")
    expect(page.get_by_text("$0.25")).to_be_visible()
    expect(page.get_by_text("9 input and 1 output tokens")).to_be_visible()


def test_the_page_of_an_agent_follows_its_run_and_then_rests(console: Console, page: Page) -> None:
    run = console.run(console.agent("works"), settled=False)
    console.reaches(run["id"], "running")
    page.clock.install()
    page.goto(console.url("agents", "works"))
    row = page.get_by_role("row", name=run["id"][:8])
    expect(row).to_contain_text("running")

    console.post(f"/runs/{run['id']}:steer", {"message": "enough"})
    console.settled(run["id"])
    page.clock.fast_forward("00:06")

    expect(row).to_contain_text("succeeded")
    expect(page.locator("#live")).not_to_have_attribute("hx-get", re.compile("agents"))


def test_an_agent_without_a_trigger_leads_to_a_new_one_for_it(console: Console, page: Page) -> None:
    page.goto(console.url("agents", console.agent("quick")))

    page.get_by_role("link", name="New trigger for it").click()

    expect(page.get_by_label("Agent", exact=True)).to_have_value("quick")


def test_rapid_toggling_of_an_agent_ends_in_the_last_chosen_state(console: Console, page: Page) -> None:
    console.agent("quick")
    page.goto(console.url("agents", "quick"))
    switch = page.get_by_role("switch", name="Agent quick is enabled")

    for _ in range(5):
        switch.click()

    expect(switch).not_to_be_checked()
    expect(page.locator("form.switch")).to_have_attribute("data-busy", "false")
    assert console.get("/agents/quick")["enabled"] is False
    switch.click()
    expect(page.locator("form.switch")).to_have_attribute("data-busy", "false")
    assert console.get("/agents/quick")["enabled"] is True


def test_a_switch_that_changed_nothing_goes_back_and_says_why(console: Console, page: Page) -> None:
    console.agent("quick")
    page.goto(console.url("agents", "quick"))
    switch = page.get_by_role("switch", name="Agent quick is enabled")

    page.route("**/agents/quick/disable", lambda route: route.abort())
    switch.click()
    expect(page.get_by_role("alert")).to_have_text("Tock does not answer: nothing was changed.")
    expect(switch).to_be_checked()
    page.unroute("**/agents/quick/disable")
    console.delete("/agents/quick")
    switch.click()

    expect(page.get_by_role("alert")).to_have_text("There is no agent 'quick'.")
    expect(switch).to_be_checked()


def test_run_now_can_be_sent_only_while_it_is_valid_and_leads_to_the_new_run(console: Console, page: Page) -> None:
    console.agent("quick")
    page.goto(console.url("agents"))
    page.get_by_role("link", name="Run now: quick").click()
    dialog = page.get_by_role("dialog", name="Run quick now")
    submit = dialog.get_by_role("button", name="Run now")
    expect(submit).to_be_enabled()

    dialog.get_by_label("Message").fill("good morning")
    dialog.get_by_label("Payload (JSON)").fill('{"repo": ')
    expect(submit).to_be_disabled()
    expect(dialog.get_by_label("Payload (JSON)")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("Payload (JSON)").fill('["a list"]')
    expect(dialog.get_by_text("must be a JSON object")).to_be_visible()
    expect(submit).to_be_disabled()
    dialog.get_by_label("Payload (JSON)").fill('{"repo": "acme/shop"}')
    dialog.get_by_label("Branch or version").fill("no such..ref")
    expect(dialog.get_by_text("is no name of a branch or a tag")).to_be_visible()
    expect(submit).to_be_disabled()
    dialog.get_by_label("Branch or version").fill("main")
    dialog.get_by_label("Model").fill("good-model")
    dialog.get_by_label("Subject").fill("issue-7")
    expect(submit).to_be_enabled()
    submit.click()

    page.wait_for_url(f"{console.url('runs')}/*")
    run = console.settled(page.url.rpartition("/")[2])
    assert run["result"] == {"said": "good morning", "input": {"repo": "acme/shop"}, "model": "good-model"}
    assert (run["input"]["ref"], run["subject"]) == ("main", "issue-7")


def test_run_now_begins_anew_each_time_that_it_is_opened(console: Console, page: Page) -> None:
    console.agent("quick")
    page.goto(console.url("agents", "quick"))
    page.get_by_role("link", name="Run now").click()
    page.get_by_label("Message").fill("forget me")
    key = page.locator("[name=key]").input_value()

    page.keyboard.press("Escape")
    page.get_by_role("link", name="Run now").click()

    expect(page.get_by_label("Message")).to_have_value("")
    assert page.locator("[name=key]").input_value() != key


def test_a_dialog_that_is_sent_twice_starts_one_run(console: Console, page: Page) -> None:
    console.agent("quick")
    page.goto(console.url("agents", "quick", "run"))
    expect(page.get_by_role("button", name="Run now")).to_be_enabled()

    page.get_by_role("button", name="Run now").dblclick()

    page.wait_for_url(f"{console.url('runs')}/*")
    assert len(console.get("/runs")["runs"]) == 1


def test_a_subject_with_an_active_run_is_refused_with_a_way_to_that_run(console: Console, page: Page) -> None:
    active = console.run(console.agent("works"), settled=False, subject="issue-7")
    page.goto(console.url("agents", "works", "run"))
    page.get_by_label("Message").fill("again")
    page.get_by_label("Subject").fill("issue-7")

    page.get_by_role("button", name="Run now").click()

    expect(page.get_by_role("alert")).to_contain_text("'issue-7' has an active run")
    expect(page.get_by_role("link", name="Show that run")).to_have_attribute(
        "href", f"/projects/{console.project}/runs/{active['id']}"
    )
    expect(page.get_by_label("Message")).to_have_value("again")


def test_a_form_that_is_being_sent_says_so_and_is_not_sent_again(console: Console, page: Page) -> None:
    console.agent("quick")
    page.goto(console.url("agents", "quick", "run"))
    submit = page.get_by_role("button", name="Run now")
    expect(submit).to_be_enabled()
    sent: list[str] = []

    def stay(route: Route) -> None:
        """Answer so that the browser stays on the page, as it does while an answer is under way."""
        sent.append(route.request.url)
        route.fulfill(status=204)

    page.route("**/agents/quick/run", stay)

    for _ in range(2):
        submit.click()

    expect(submit).to_have_attribute("aria-busy", "true")
    assert len(sent) == 1


def test_a_disabled_agent_offers_no_start(console: Console, page: Page) -> None:
    console.agent("quick")
    console.patch("/agents/quick", {"enabled": False})

    for place, there in (("agents/quick", page.get_by_role("link", name="Edit")), ("agents", page.get_by_role("row"))):
        page.goto(console.url(place))

        expect(there.last).to_be_visible()
        expect(page.get_by_role("link", name="Run now")).to_have_count(0)


def test_a_new_agent_is_checked_by_its_kind_while_it_is_written(console: Console, page: Page) -> None:
    page.goto(console.url("agents", "new"))
    submit = page.get_by_role("button", name="Create")

    page.wait_for_timeout(600)  # A check at once would have been answered by now.
    expect(submit).to_be_enabled()
    expect(page.locator("[data-wrong]:visible")).to_have_count(0)
    page.get_by_label("Id", exact=True).fill("mine")
    page.get_by_label("Configuration (JSON)").fill('{"callable": "os:system"}')
    expect(page.get_by_label("Configuration (JSON)")).to_have_accessible_description(
        re.compile("callable: the module os is not allowed")
    )
    expect(submit).to_be_disabled()
    page.get_by_label("Configuration (JSON)").fill('{"callable": "people:quick"}')
    page.get_by_label("Runs at once").fill("2")
    page.get_by_label("Longest silence of an attempt").fill("90s")
    page.get_by_label("Kinds of events").fill("progress")
    page.get_by_label("Labels").fill("team=shop")
    submit.click()

    expect(page.get_by_role("heading", name="Agent mine")).to_be_visible()
    agent = console.get("/agents/mine")
    assert agent["config"] == {"callable": "people:quick"}
    assert (agent["concurrency"], agent["progress_every"], agent["labels"]) == (2, "PT1M30S", {"team": "shop"})
    assert agent["evidence"] == {"output_schema": None, "events": ["progress"], "min_tokens": None}


def test_saving_an_agent_unchanged_changes_nothing(console: Console, page: Page) -> None:
    console.agent("quick")
    console.patch(
        "/agents/quick",
        {
            "name": "Quick <one>",
            "description": "first line\nsecond line",
            "concurrency": 4,
            "progress_every": "PT2M",
            "labels": {"team": "shop", "empty": ""},
            "evidence": {"output_schema": {"type": "object"}, "events": ["progress", "step"], "min_tokens": 5},
        },
    )
    before = console.get("/agents/quick")
    page.goto(console.url("agents", "quick", "edit"))
    expect(page.get_by_role("button", name="Save")).to_be_enabled()

    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("The agent quick is saved.")).to_be_visible()
    assert console.get("/agents/quick") == before


def test_an_edit_that_another_one_overtook_is_not_saved_until_it_is_sent_again(console: Console, page: Page) -> None:
    console.agent("quick")
    page.goto(console.url("agents", "quick", "edit"))
    console.patch("/agents/quick", {"description": "theirs"})
    page.get_by_label("Description").fill("mine")

    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("alert")).to_contain_text("changed this agent meanwhile")
    expect(page.get_by_label("Description")).to_have_value("mine")
    assert console.get("/agents/quick")["description"] == "theirs"
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The agent quick is saved.")).to_be_visible()
    assert console.get("/agents/quick")["description"] == "mine"


def test_deleting_an_agent_names_its_triggers_and_deletes_them_with_it(console: Console, page: Page) -> None:
    console.trigger("morning", console.agent("works"), schedule={"at": console.soon()})
    run = result_of(lambda: next(iter(console.get("/runs", trigger="morning", status="running")["runs"]), None)) or {}
    page.goto(console.url("agents", "works"))
    page.get_by_role("link", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete agent works?")
    expect(dialog.get_by_role("link", name="morning")).to_be_visible()

    dialog.get_by_label("Delete its triggers, too").check()
    dialog.get_by_label("This trigger has 1 unfinished run").select_option("Cancel all, also those at work")
    dialog.get_by_role("button", name="Delete").click()

    expect(page.get_by_text("The agent works is deleted.")).to_be_visible()
    assert console.get("/agents")["agents"] == []
    assert console.get("/triggers")["triggers"] == []
    assert console.settled(run["id"])["status"] == "cancelled"
