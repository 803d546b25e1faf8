"""The log of a run as it comes: bursts, a stream that breaks, and readers without scripts."""

import json
import os
import re
import signal

import httpx
from playwright.sync_api import Browser, Page, Route, expect

from browser.conftest import Console
from browser.processes import process_of
from end_to_end.running_stack import RunningStack
from waiting import TIMEOUT, result_of

#: Counts the frames of the page and how often the rows of the log are drawn, and keeps the most rows of one drawing.
_WATCH_DRAWING = """() => {
  window.seen = { frames: 0, drawings: 0, most: 0 };
  const frame = () => { window.seen.frames += 1; requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
  const rows = document.querySelector(".log-rows");
  new MutationObserver(() => {
    window.seen.drawings += 1;
    window.seen.most = Math.max(window.seen.most, rows.children.length);
  }).observe(rows, { childList: true });
  document.querySelector("#log-filter").addEventListener("input", () => {
    window.seen.atInput = document.querySelector(".log-state").textContent;
  });
}"""


def test_events_appear_as_they_come_and_only_the_log_is_drawn(console: Console, page: Page) -> None:
    run = console.run(console.agent("works"), settled=False)
    page.goto(console.url("runs", run["id"]))
    log = page.get_by_role("region", name="Log")

    expect(log.get_by_text("the work has begun")).to_be_visible()
    console.post(f"/runs/{run['id']}:steer", {"message": "now"})

    expect(log.get_by_text("complete")).to_be_visible()
    expect(page.get_by_role("region", name="Result")).to_contain_text("was told: now")


def test_a_burst_of_ten_thousand_events_leaves_the_page_responsive(console: Console, page: Page) -> None:
    run = console.run(console.agent("chatty"), settled=False, input={"message": "10000"})
    page.goto(console.url("runs", run["id"]))
    page.evaluate(_WATCH_DRAWING)
    read_again: list[str] = []
    page.on("request", lambda sent: read_again.append(sent.url) if "hx-request" in sent.headers else None)
    expect(page.get_by_text("progress").first).to_be_visible()

    page.get_by_label("Filter").fill('line":7')

    at_input = page.evaluate("window.seen.atInput")
    page.get_by_label("Filter").fill("")
    console.settled(run["id"])
    expect(page.get_by_text("10004 lines · complete")).to_be_visible(timeout=TIMEOUT * 1000)
    seen = page.evaluate("window.seen")
    # What was typed was handled before all lines had come; the rows are drawn once a frame, and only those in sight.
    assert "complete" not in at_input
    assert seen["drawings"] <= seen["frames"] + 2
    assert seen["most"] < 100
    # The rest of the page is read again when the run begins and ends and each 20 s, and not for what its agent says.
    assert len(read_again) <= 3 + page.evaluate("performance.now()") / 20_000
    expect(page.get_by_text('{"line":9999}')).to_be_visible()
    page.get_by_role("group", name="Log").press("Home")
    expect(page.get_by_text('{"line":0}', exact=True)).to_be_visible()
    assert page.evaluate("window.seen.most") < 100


def test_a_log_is_filtered_and_follows_its_end_unless_somebody_reads(console: Console, page: Page) -> None:
    run = console.run(console.agent("chatty"), input={"message": "300"})
    page.goto(console.url("runs", run["id"]))
    follow = page.get_by_label("Follow the end")
    expect(page.get_by_text('{"line":299}')).to_be_visible()

    page.get_by_text('{"line":299}').hover()
    page.mouse.wheel(0, -2_000)
    expect(follow).not_to_be_checked()
    follow.check()
    expect(page.get_by_text('{"line":299}')).to_be_visible()
    page.get_by_label("Filter").fill("RUN.")

    expect(page.get_by_text("4 of 304 lines")).to_be_visible()
    expect(page.get_by_text('{"line":299}')).to_have_count(0)


def test_a_stream_that_breaks_goes_on_without_gap_or_duplicate(
    console: Console, page: Page, stack: RunningStack
) -> None:
    run = console.run(console.agent("works"), settled=False)
    page.goto(console.url("runs", run["id"]))
    log = page.get_by_role("region", name="Log")
    expect(log.get_by_text("the work has begun")).to_be_visible()

    os.kill(process_of(stack, b"api"), signal.SIGKILL)
    expect(log.get_by_text("the connection broke")).to_be_visible()
    result_of(lambda: _answers(console))
    console.post(f"/runs/{run['id']}:steer", {"message": "still there"})

    expect(log.get_by_text("complete")).to_be_visible(timeout=TIMEOUT * 1000)
    expect(log.get_by_text("the work has begun")).to_have_count(1)
    expect(page.get_by_role("region", name="Result")).to_contain_text("still there")


def test_a_stream_that_the_server_refuses_is_opened_again_from_where_it_was(console: Console, page: Page) -> None:
    run = console.run(console.agent("quick"))
    whole = httpx.get(console.url("runs", run["id"], "events"), timeout=TIMEOUT, trust_env=False).text
    opening, first, second, _ = whole.split("\n\n", 3)
    asked: list[str] = []

    def answer(route: Route) -> None:
        """Break the stream behind its first event, refuse one, end one as too long, and let the next one pass."""
        asked.append(route.request.url.rpartition("?")[2])
        if len(asked) == 1:
            route.fulfill(content_type="text/event-stream", body=f"{opening}\n\n{first}\n\n")
        elif len(asked) == 2:
            route.fulfill(status=503, body="not yet")
        elif len(asked) == 3:
            body = f'{opening}\n\n{first}\n\n{second}\n\nevent: end\ndata: {{"reason": "too_long"}}\n\n'
            route.fulfill(content_type="text/event-stream", body=body)
        else:
            route.continue_()

    page.route("**/events?*", answer)
    page.goto(console.url("runs", run["id"]))

    expect(page.get_by_text("complete")).to_be_visible()
    expect(page.get_by_text("asked for by somebody on this machine")).to_have_count(1)
    expect(page.get_by_text("run succeeded")).to_have_count(1)
    # The browser opens the second one by itself; the script the third one, since the browser gave up, and the last one.
    assert asked == ["since=0", "since=0", "since=1", "since=1000000"]


def test_of_a_very_long_log_the_newest_lines_are_kept(console: Console, page: Page) -> None:
    run = console.run(console.agent("quick"))
    lines = [
        {
            "seq": seq,
            "time": None,
            "attempt": 1,
            "kind": "progress",
            "label": "progress",
            "level": "",
            "text": f"line {seq}",
        }
        for seq in range(1, 60_102)
    ]
    events = "\n\n".join(f"id: {line['seq']}\ndata: {json.dumps(line)}" for line in lines)
    body = f'{events}\n\nevent: end\ndata: {{"reason": "settled"}}\n\n'
    page.route("**/events?*", lambda route: route.fulfill(content_type="text/event-stream", body=body))

    page.goto(console.url("runs", run["id"]))

    log = page.get_by_role("region", name="Log")
    expect(log).to_contain_text(re.compile("5\\d{4} lines, earlier ones are in the whole log · complete"))
    expect(log.get_by_text("line 60101", exact=True)).to_be_visible()
    page.get_by_label("Filter").fill("line 60000")
    expect(log.get_by_text(re.compile(r"1 of 5\d{4} lines"))).to_be_visible()


def test_a_reader_without_scripts_sees_the_first_events_and_the_whole_log(console: Console, browser: Browser) -> None:
    run = console.run(console.agent("chatty"), input={"message": "600"})
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()

    page.goto(console.url("runs", run["id"]))
    expect(page.get_by_text('{"line":0}')).to_be_visible()
    expect(page.get_by_text("These are the first events")).to_be_visible()
    page.get_by_role("link", name="Whole log as text").click()

    expect(page.get_by_text('{"line":599}')).to_be_visible()
    context.close()


def test_a_stream_from_no_event_is_refused(console: Console) -> None:
    run = console.run(console.agent("quick"))
    path = console.url("runs", run["id"], "events")

    answer = httpx.get(path, headers={"Last-Event-ID": "-1"}, timeout=TIMEOUT, trust_env=False)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "Last-Event-ID"


def _answers(console: Console) -> bool:
    try:
        return bool(console.get())
    except httpx.HTTPError:
        return False
