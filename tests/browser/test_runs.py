"""The list of runs, and what is done with several at once."""

import re

from playwright.sync_api import BrowserContext, Page, expect

from browser.conftest import Console
from waiting import result_of


def test_the_list_shows_what_became_of_each_run_and_why(console: Console, page: Page) -> None:
    run = console.run(console.agent("fails"), retry={"max_retries": 0})
    page.goto(console.url("runs"))

    row = page.get_by_role("row", name=run["id"][:8])

    expect(row).to_contain_text("failed")
    expect(row).to_contain_text("KeyError: 'tea'")
    expect(row).to_contain_text("1 of 1")
    expect(row.get_by_role("link", name="fails")).to_be_visible()


def test_a_run_of_a_trigger_shows_its_agent_its_lateness_its_cost_and_its_conversations(
    console: Console, page: Page
) -> None:
    console.trigger("morning", console.agent("talks"), schedule={"at": console.soon()})
    run = console.settled((result_of(lambda: console.get("/triggers/morning")["last_run"]) or {})["run"])
    page.goto(console.url("runs"))

    row = page.get_by_role("row", name=run["id"][:8])

    cells = dict(zip(page.get_by_role("columnheader").all_inner_texts(), row.get_by_role("cell").all(), strict=True))
    expect(cells["Trigger, agent"]).to_contain_text(re.compile("morning *agent talks"))
    expect(cells["Started"]).to_contain_text(re.compile(r"[\d.]+ m?s late$"))
    expect(cells["Duration"]).to_have_text(re.compile(r"^[\d.]+ m?s$"))
    expect(cells["Cost"]).to_have_text("$0.2500")
    expect(cells["Started"]).to_contain_text("ago")
    cells["Trigger, agent"].get_by_role("link", name="conversation").click()
    expect(page).to_have_url(re.compile(f"/runs/{run['id']}#attempt-1$"))


def test_a_run_that_took_too_long_says_so(console: Console, page: Page) -> None:
    run = console.run(console.agent("works"), timeout="PT1S", retry={"max_retries": 0})
    page.goto(console.url("runs"))

    row = page.get_by_role("row", name=run["id"][:8])

    expect(row).to_contain_text("timed out")
    expect(row).to_contain_text("timeout")
    row.get_by_role("link", name=run["id"][:8], exact=True).click()
    expect(page.get_by_text("It timed out")).to_be_visible()


def test_filters_are_kept_in_the_url_and_cleared_together(console: Console, page: Page) -> None:
    good, bad = console.run(console.agent("quick")), console.run(console.agent("fails"), retry={"max_retries": 0})
    others = console.run(console.agent("fails", "another"), retry={"max_retries": 0})
    page.goto(console.url("runs"))

    page.get_by_label("failed", exact=True).check()
    page.get_by_label("timed out").check()
    page.get_by_label("Agent").fill("fails")
    page.get_by_role("button", name="Filter").click()

    expect(page).to_have_url(re.compile("status=failed&status=timed_out.*agent=fails"))
    expect(page.get_by_role("row", name=bad["id"][:8])).to_be_visible()
    for left_out in (good, others):
        expect(page.get_by_role("row", name=left_out["id"][:8])).to_have_count(0)
    page.reload()
    expect(page.get_by_label("failed", exact=True)).to_be_checked()
    page.get_by_role("link", name="Clear filters").click()
    expect(page.get_by_role("row", name=good["id"][:8])).to_be_visible()


def test_the_runs_of_a_subject_are_found(console: Console, page: Page) -> None:
    agent = console.agent("quick")
    about, other = console.run(agent, subject="the minutes"), console.run(agent)
    page.goto(console.url("runs"))

    page.get_by_label("Subject").fill("the minutes")
    page.get_by_role("button", name="Filter").click()

    expect(page).to_have_url(re.compile(r"subject=the\+minutes"))
    expect(page.get_by_role("row", name=about["id"][:8])).to_be_visible()
    expect(page.get_by_role("row", name=other["id"][:8])).to_have_count(0)
    expect(page.get_by_label("Subject")).to_have_value("the minutes")


def test_a_stretch_of_time_is_chosen_with_one_click_and_keeps_the_other_filters(console: Console, page: Page) -> None:
    run = console.run(console.agent("quick"))
    page.goto(f"{console.url('runs')}?agent=quick")

    times = page.get_by_role("group", name="Time")
    times.get_by_role("button", name="last hour").click()

    expect(page).to_have_url(re.compile(r"\?agent=quick&within=1h$"))
    expect(times.get_by_role("button", name="last hour")).to_have_attribute("aria-current", "true")
    expect(page.get_by_role("row", name=run["id"][:8])).to_be_visible()
    page.get_by_label("failed", exact=True).check()
    times.get_by_role("button", name="last 24 hours").click()
    expect(page).to_have_url(re.compile(r"\?agent=quick&within=24h&status=failed$"))
    page.get_by_role("button", name="Filter").click()
    expect(page).to_have_url(re.compile("status=failed.*within=24h"))
    times.get_by_role("button", name="any time").click()
    expect(page).to_have_url(re.compile(r"\?agent=quick&status=failed$"))


def test_runs_whose_time_has_not_come_are_scheduled_and_hide_none_that_runs(console: Console, page: Page) -> None:
    running = console.run(console.agent("works"), settled=False)
    made = console.trigger("soon", console.agent("quick"), schedule={"at": console.soon(60)})
    page.goto(console.url("runs"))

    rows = page.get_by_role("row")
    expect(rows.nth(1)).to_contain_text(running["id"][:8])
    expect(page.get_by_role("row", name=made["claimed"][0]["run"][:8])).to_have_count(0)
    page.get_by_text("1 run is scheduled, the next in").click()

    row = page.get_by_role("row", name=made["claimed"][0]["run"][:8])
    expect(row).to_contain_text(re.compile("scheduled in [0-9]+ s"))
    # It stays open while the list goes on.
    with page.expect_response(lambda answer: answer.request.headers.get("hx-request") == "true"):
        pass
    expect(row).to_be_visible()


def test_the_list_fits_a_desk_and_a_phone(console: Console, page: Page) -> None:
    console.run(console.agent("spends"))
    console.run(console.agent("fails"), retry={"max_retries": 0})

    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(console.url("runs"))

        cost = page.get_by_role("cell", name="$0.2500")
        expect(cost).to_be_visible()
        box = cost.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= width
        inside = "[...document.querySelectorAll('main, .scroll')].every((each) => each.scrollWidth <= each.clientWidth)"
        assert page.evaluate(inside)
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_pages_go_on_and_back_in_the_order_of_the_list(console: Console, page: Page) -> None:
    agent = console.agent("quick")
    runs = [console.run(agent, settled=False)["id"] for _ in range(52)]
    page.goto(console.url("runs"))
    pages = page.get_by_role("navigation", name="Pages")
    expect(pages).to_contain_text(re.compile("1.50 of 52"))

    pages.get_by_role("link", name="Next page").click()

    expect(pages).to_contain_text(re.compile("51.52 of 52"))
    rows = page.get_by_role("link", name=re.compile("^[0-9a-f]{8}$"))
    assert rows.all_text_contents() == [run[:8] for run in reversed(runs[:2])]
    pages.get_by_role("link", name="Previous page").click()
    expect(pages).to_contain_text(re.compile("1.50 of 52"))


def test_the_list_goes_on_while_a_run_is_active_and_then_rests(console: Console, page: Page) -> None:
    run = console.run(console.agent("works"), settled=False)
    console.reaches(run["id"], "running")
    page.clock.install()
    page.goto(f"{console.url('runs')}?agent=works")
    row = page.get_by_role("row", name=run["id"][:8])
    expect(row).to_contain_text("running")
    others = console.run(console.agent("quick"))
    duration = row.locator("[data-running-since]")
    before = duration.inner_text()

    # The duration goes on between two looks at the server.
    page.clock.fast_forward("00:02")
    assert duration.inner_text() != before
    console.post(f"/runs/{run['id']}:steer", {"message": "enough"})
    console.settled(run["id"])
    page.clock.fast_forward("00:06")

    expect(row).to_contain_text("succeeded")
    expect(page.get_by_role("row", name=others["id"][:8])).to_have_count(0)
    expect(page.locator("#live")).not_to_have_attribute("hx-get", re.compile("runs"))


def test_the_list_stands_still_while_somebody_chooses(console: Console, page: Page) -> None:
    agent = console.agent("works")
    run = console.run(agent, settled=False)["id"]
    page.clock.install()
    page.goto(console.url("runs"))
    choice = page.get_by_role("checkbox", name=f"Choose run {run[:8]}")
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url) if "hx-request" in sent.headers else None)

    choice.check()
    new = console.run(agent, settled=False)["id"]
    page.clock.fast_forward("00:06")

    expect(choice).to_be_checked()
    assert asked == []
    choice.uncheck()
    page.clock.fast_forward("00:06")
    expect(page.get_by_role("row", name=new[:8])).to_be_visible()


def test_chosen_runs_are_cancelled_after_a_look_at_them(console: Console, page: Page) -> None:
    agent = console.agent("works")
    kept, *chosen = [console.run(agent, settled=False)["id"] for _ in range(3)]
    page.goto(console.url("runs"))
    expect(page.get_by_role("button", name="Cancel…")).to_be_disabled()

    for run in chosen:
        page.get_by_role("checkbox", name=f"Choose run {run[:8]}").check()
    expect(page.get_by_text("2 chosen.")).to_be_visible()
    page.get_by_role("button", name="Cancel…").click()
    page.get_by_role("button", name="Cancel 2 runs").click()

    expect(page.get_by_role("heading", name="2 runs cancelled")).to_be_visible()
    assert {console.settled(run)["status"] for run in chosen} == {"cancelled"}
    assert console.get(f"/runs/{kept}")["finished"] is None


def test_all_runs_that_match_are_repeated_once_and_the_others_are_left_alone(console: Console, page: Page) -> None:
    bad = console.run(console.agent("fails"), retry={"max_retries": 0})
    console.run(console.agent("quick"))
    page.goto(f"{console.url('runs')}?agent=fails")

    page.get_by_role("checkbox", name="All that match").check()
    page.get_by_role("button", name="Retry…").click()
    page.get_by_role("button", name="Retry 1 run").click()

    expect(page.get_by_role("heading", name="1 run repeated")).to_be_visible()
    repeated = console.get(f"/runs/{bad['id']}")["retried_by"]
    assert len(repeated) == 1
    page.goto(f"{console.url('runs:retry')}?run={bad['id']}")
    expect(page.get_by_text("None of the chosen runs can be repeated.")).to_be_visible()
    expect(page.get_by_role("listitem")).to_contain_text(f"was repeated by run {repeated[0]}")


def test_a_run_that_ended_meanwhile_is_refused_with_its_reason_and_the_others_are_done(
    console: Console, page: Page
) -> None:
    agent = console.agent("works")
    first, second = [console.run(agent, settled=False)["id"] for _ in range(2)]
    console.reaches(first, "running")
    page.goto(f"{console.url('runs:cancel')}?run={first}&run={second}")
    console.post(f"/runs/{first}:steer", {"message": "enough"})
    console.settled(first)

    page.get_by_role("button", name="Cancel 2 runs").click()

    expect(page.get_by_role("heading", name="1 run cancelled, 1 refused")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text=first[:8])).to_contain_text("succeeded")


def test_filters_that_cannot_be_applied_are_told_beside_their_fields_and_show_no_empty_list(
    console: Console, page: Page
) -> None:
    page.goto(f"{console.url('runs')}?agent=no%20agent&until=2027-01-01T00:00")

    field = page.get_by_label("Agent")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value("no agent")
    expect(page.get_by_role("alert")).to_contain_text("These filters cannot be applied: Agent takes")
    expect(page.get_by_text("No run matches")).to_have_count(0)


def test_a_refresh_that_fails_says_so_and_keeps_the_list(console: Console, context: BrowserContext, page: Page) -> None:
    run = console.run(console.agent("works"), settled=False)
    page.goto(console.url("runs"))
    expect(page.get_by_role("row", name=run["id"][:8])).to_be_visible()

    context.route(
        "**/runs",
        lambda route: route.fulfill(
            status=503,
            content_type="text/html",
            body="<p class='message bad' role='alert'>The store does not answer.</p>",
        ),
    )

    expect(page.get_by_role("alert")).to_have_text("The store does not answer.", timeout=15_000)
    expect(page.get_by_role("row", name=run["id"][:8])).to_be_visible()
