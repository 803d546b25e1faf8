"""One run: what happened, and what people do with it."""

import re

import pytest
from playwright.sync_api import Page, Request, expect

from browser.conftest import Console
from waiting import result_of

#: The links of a run's page that lead to forms.
_ACTIONS = re.compile("^(Cancel|Retry|Resume with feedback|Run a command)$")
#: Sends the form of the page twice at once, and returns the addresses of the pages that are shown then.
_SENT_TWICE = """async () => {
  const form = document.querySelector("form[action$='/retry']");
  const send = () => fetch(form.action, {method: "POST", body: new URLSearchParams(new FormData(form))});
  return (await Promise.all([send(), send()])).map((answer) => answer.url);
}"""


def test_a_failed_run_says_why_and_shows_its_traceback(console: Console, page: Page) -> None:
    run = console.run(console.agent("fails"), retry={"max_retries": 0})

    page.goto(console.url("runs", run["id"]))

    expect(page.get_by_text(re.compile("It failed at .* KeyError"))).to_be_visible()
    expect(page.get_by_label("Traceback")).to_contain_text('return prices["tea"]')
    expect(page.get_by_role("row", name="attempt 1")).to_contain_text("failed: KeyError")


def test_a_failed_run_is_retried_with_another_model(console: Console, page: Page) -> None:
    run = console.run(console.agent("fails"), retry={"max_retries": 0})
    page.goto(console.url("runs", run["id"]))

    page.get_by_role("link", name="Retry").click()
    page.get_by_role("dialog").get_by_label("Another model").fill("good-model")
    page.get_by_role("dialog").get_by_role("button", name="Retry").click()

    expect(page.get_by_text(f"This run repeats run {run['id'][:8]}.")).to_be_visible()
    expect(page.get_by_role("region", name="Result")).to_contain_text("the good model knew it")
    page.get_by_role("link", name=run["id"][:8]).first.click()
    expect(page.get_by_text("Repeated by")).to_be_visible()


def test_a_run_offers_what_it_takes_in_its_state_and_nothing_else(console: Console, page: Page) -> None:
    at_work = console.run(console.agent("works"), settled=False)
    console.reaches(at_work["id"], "running")
    waiting = console.run(console.agent("asks"), settled=False)
    console.reaches(waiting["id"], "waiting")
    over, talked = console.run(console.agent("quick")), console.run(console.agent("talks"))
    blocked = console.run("quick", subject="busy")
    console.run("works", subject="busy", settled=False)

    for run, links, buttons in (
        (at_work, ["Cancel"], ["Send"]),
        (waiting, ["Cancel"], ["Approve", "Reject"]),
        (over, ["Retry"], []),
        (talked, ["Retry", "Resume with feedback"], []),
        (blocked, [], []),
    ):
        page.goto(console.url("runs", run["id"]))

        main = page.get_by_role("main")
        expect(main.get_by_role("link", name=_ACTIONS)).to_have_text(links)
        expect(main.get_by_role("button")).to_have_text(buttons)


def test_a_form_that_is_sent_twice_starts_one_run(console: Console, page: Page) -> None:
    run = console.run(console.agent("quick"))
    page.goto(console.url("runs", run["id"], "retry"))

    shown = page.evaluate(_SENT_TWICE)

    assert shown[0] == shown[1]
    assert console.get(f"/runs/{run['id']}")["retried_by"] == [shown[0].rpartition("/")[2]]


@pytest.mark.parametrize(("word", "approved"), [("Approve", "true"), ("Reject", "false")])
def test_a_run_that_asks_is_answered_with_a_note(console: Console, page: Page, word: str, approved: str) -> None:
    run = console.run(console.agent("asks"), settled=False)
    console.reaches(run["id"], "waiting")
    page.goto(console.url("runs", run["id"]))

    expect(page.get_by_text("Publish it?").first).to_be_visible()
    page.get_by_label("Note").fill("I have read it")
    page.get_by_role("button", name=word).click()

    result = page.get_by_role("region", name="Result")
    expect(result).to_contain_text(f'"approved": {approved}')
    expect(result).to_contain_text('"note": "I have read it"')
    expect(page.get_by_role("button", name=word)).to_have_count(0)


def test_a_running_agent_is_told_something_and_the_page_follows_its_end(console: Console, page: Page) -> None:
    run = console.run(console.agent("works"), settled=False)
    console.reaches(run["id"], "running")
    page.goto(console.url("runs", run["id"]))

    page.get_by_label("Message").fill("<b>go home</b>")
    page.get_by_role("button", name="Send").click()

    expect(page.get_by_text("The message was sent.")).to_be_visible()
    expect(page.get_by_role("region", name="Result")).to_contain_text("was told: <b>go home</b>")
    expect(page.get_by_text("somebody on this machine to the agent: <b>go home</b>")).to_be_visible()
    expect(page.get_by_role("row", name="<b>go home</b>")).to_contain_text("attempt 1")
    expect(page.get_by_role("link", name="Cancel")).to_have_count(0)
    expect(page.get_by_role("button", name="Send")).to_have_count(0)


def test_a_message_for_later_is_sent_as_a_follow_up(console: Console, page: Page) -> None:
    run = console.run(console.agent("works"), settled=False)
    console.reaches(run["id"], "running")
    page.goto(console.url("runs", run["id"]))

    page.get_by_label("Message").fill("then tidy up")
    page.get_by_label("When").select_option("after what it does now")
    page.get_by_role("button", name="Send").click()

    expect(page.get_by_role("row", name="then tidy up")).to_contain_text("follow up")


def test_a_conversation_is_resumed_with_feedback(console: Console, page: Page) -> None:
    run = console.run(console.agent("talks"), input={"message": "write it"})
    page.goto(console.url("runs", run["id"]))

    page.get_by_role("link", name="Resume with feedback").click()
    page.get_by_role("dialog").get_by_label("Feedback").fill("shorter")
    page.get_by_role("dialog").get_by_role("button", name="Resume").click()

    expect(page.get_by_text(f"This run goes on with the conversation of run {run['id'][:8]}.")).to_be_visible()
    expect(page.get_by_role("region", name="Result")).to_contain_text(re.compile('"write it",\\s+"shorter"'))
    page.get_by_role("complementary", name="Details").get_by_role("link", name=run["id"][:8]).first.click()
    expect(page).to_have_url(console.url("runs", run["id"]))
    expect(page.get_by_text("Resumed by")).to_be_visible()


def test_what_is_being_typed_stays_while_the_page_changes(console: Console, page: Page) -> None:
    run = console.run(console.agent("works"), settled=False)
    page.goto(console.url("runs", run["id"]))
    page.get_by_label("Message").fill("half a thou")

    with page.expect_response(lambda answer: answer.request.headers.get("hx-request") == "true"):
        page.evaluate("document.querySelector('#live').dispatchEvent(new CustomEvent('tock:changed'))")

    expect(page.get_by_label("Message")).to_have_value("half a thou")
    console.post(f"/runs/{run['id']}:cancel")


def test_a_running_run_is_cancelled_with_a_reason(console: Console, page: Page) -> None:
    run = console.run(console.agent("works"), settled=False)
    console.reaches(run["id"], "running")
    page.goto(console.url("runs", run["id"]))

    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("wrong input")
    page.get_by_role("dialog").get_by_role("button", name="Cancel the run").click()

    expect(page.get_by_text(re.compile("Somebody on this machine cancelled it .*: wrong input"))).to_be_visible()
    expect(page.get_by_role("link", name="Retry")).to_be_visible()


def test_a_run_that_waits_to_retry_says_so_and_who_cancelled_it_comes_before_its_error(
    console: Console, page: Page
) -> None:
    retry = {"max_retries": 2, "delay": "PT30M"}
    run = console.run(console.agent("fails"), settled=False, retry=retry)
    result_of(lambda: console.get(f"/runs/{run['id']}")["attempts"][0:1])
    console.reaches(run["id"], "queued")
    page.goto(console.url("runs", run["id"]))
    status = page.get_by_role("heading", level=1).locator("..").get_by_text("retrying")
    expect(status).to_contain_text(re.compile("in [34][0-9] min"))
    expect(page.get_by_text("nothing starts it sooner")).to_be_visible()

    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("wrong input")
    page.get_by_role("dialog").get_by_role("button", name="Cancel the run").click()

    expect(page.get_by_role("heading", name="Last error")).to_be_visible()
    page.goto(console.url("runs"))
    row = page.get_by_role("row", name=run["id"][:8])
    expect(row).to_contain_text("cancelled by somebody on this machine: wrong input")
    expect(row).not_to_contain_text("KeyError")


def test_the_attempt_at_work_says_how_long_it_has_taken(console: Console, page: Page) -> None:
    run = console.run(console.agent("works"), settled=False)
    console.reaches(run["id"], "running")
    page.goto(console.url("runs", run["id"]))

    took = page.get_by_role("region", name="Attempts").locator("[data-running-since]")
    before = took.inner_text()

    expect(took).not_to_have_text(before)
    console.post(f"/runs/{run['id']}:cancel")


def test_a_notice_goes_once_the_run_shows_another_state_and_stays_for_who_listens(console: Console, page: Page) -> None:
    run = console.run(console.agent("works"), settled=False)
    console.reaches(run["id"], "running")
    page.clock.install()
    page.goto(console.url("runs", run["id"]))
    page.get_by_label("Message").fill("go home")
    page.get_by_role("button", name="Send").click()
    notice = page.get_by_text("The message was sent.")
    place = page.get_by_role("status").filter(has=notice)

    expect(page.get_by_text(re.compile("It succeeded"))).to_be_visible()
    expect(place).not_to_have_class(re.compile("put-away"))
    page.clock.fast_forward(6_000)

    expect(place).to_have_class(re.compile("put-away"))
    expect(place).to_contain_text("The message was sent.")


def test_a_notice_is_closed_by_hand(console: Console, page: Page) -> None:
    run = console.run(console.agent("quick"))
    page.goto(console.url("runs", run["id"]))
    page.get_by_role("link", name="Retry").click()
    page.get_by_role("dialog").get_by_role("button", name="Retry").click()

    page.get_by_role("button", name="Close this message").click()

    expect(page.get_by_text("This run repeats run")).to_have_count(0)


def test_an_action_that_comes_too_late_says_so_on_the_page_as_it_is_now(console: Console, page: Page) -> None:
    run = console.run(console.agent("asks"), settled=False)
    console.reaches(run["id"], "waiting")
    page.route("**/events?*", lambda route: route.abort())
    page.goto(console.url("runs", run["id"]))
    console.post(f"/runs/{run['id']}:reject")
    console.settled(run["id"])

    page.get_by_role("button", name="Approve").click()

    expect(page.get_by_role("alert")).to_contain_text("is succeeded already")
    expect(page.get_by_role("region", name="Result")).to_contain_text('"approved": false')
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)


def test_a_quiet_run_is_not_read_again(console: Console, page: Page) -> None:
    run = console.run(console.agent("asks"), settled=False)
    console.reaches(run["id"], "waiting")
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)

    page.goto(console.url("runs", run["id"]))
    expect(page.get_by_text("live", exact=False).last).to_be_visible()
    page.wait_for_timeout(2_000)

    about_run = [url.rpartition("/")[2] for url in asked if run["id"] in url]
    assert about_run == [run["id"], "events?since=0"]


def test_a_run_that_does_not_exist_says_so(console: Console, page: Page) -> None:
    answer = page.goto(console.url("runs", "nothing"))

    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("alert")).to_have_text("There is no run 'nothing'.")
