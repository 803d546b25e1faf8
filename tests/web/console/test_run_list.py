"""The list of runs over HTTP: its filters and pages, and when an open page reads itself again."""

import re
from html import unescape

import pytest

from ports.documents import MINUTE, a_run
from tock.ports.store import Create
from web.console.visitors import signed_in
from web.rig import Rig

pytestmark = pytest.mark.anyio
_NEXT = re.compile(r'rel="next" href="([^"]+)"')


@pytest.mark.parametrize(("query", "goes_on"), [("", True), ("?sort=scheduled_for", True), ("?sort=cost", False)])
async def test_only_an_order_that_costs_no_more_reads_than_it_shows_is_read_again(
    rig: Rig, *, query: str, goes_on: bool
) -> None:
    run = await rig.start()
    somebody = await signed_in(rig.deployment)

    page = await somebody.get(f"/projects/acme/runs{query}")

    assert run["id"][:8] in page.text
    assert ("every 5s" in page.text) is goes_on


@pytest.mark.parametrize("path", ["runs?", "runs:cancel?all=1&"])
async def test_a_subject_chooses_the_runs_of_the_list_and_of_what_is_done_to_all_of_them(rig: Rig, path: str) -> None:
    about, other = await rig.start(subject="the minutes"), await rig.start(subject="the budget")
    somebody = await signed_in(rig.deployment)

    page = await somebody.get(f"/projects/acme/{path}subject=the%20minutes")

    assert (about["id"][:8] in page.text, other["id"][:8] in page.text) == (True, False)


async def test_a_page_says_which_runs_of_how_many_it_shows(rig: Rig) -> None:
    now = rig.services.clock.now()
    await rig.services.store.commit([Create(a_run(f"r{n:02d}", scheduled_for=now - n * MINUTE)) for n in range(52)])
    about = await rig.start(subject="the minutes")
    somebody = await signed_in(rig.deployment)

    first = await somebody.get("/projects/acme/runs")
    second = await somebody.get(unescape(_NEXT.findall(first.text)[0]))
    chosen = await somebody.get("/projects/acme/runs?subject=the%20minutes")

    assert ("1\u201350 of 53" in first.text, "51\u201353 of 53" in second.text) == (True, True)
    assert about["id"][:8] in chosen.text
    assert "1\u20131 of 1" in chosen.text


async def test_runs_whose_time_has_not_come_take_no_place_of_those_that_run(rig: Rig) -> None:
    now = rig.services.clock.now()
    later = [a_run(f"later{n:03d}", scheduled_for=now + n * MINUTE, due_at=now + n * MINUTE) for n in range(1, 61)]
    await rig.services.store.commit([Create(run) for run in later])
    run = await rig.start()
    somebody = await signed_in(rig.deployment)

    page = await somebody.get("/projects/acme/runs")

    listed = re.findall(r'<tr id="run-([^"]+)">', page.text)
    assert (listed, "1\u20131 of 1" in page.text) == ([run["id"]], True)
    assert "More than 20 runs are scheduled" in page.text


async def test_who_asks_for_a_time_to_come_is_shown_it_in_the_list(rig: Rig) -> None:
    now = rig.services.clock.now()
    await rig.services.store.commit([Create(a_run("later", scheduled_for=now + MINUTE, due_at=now + MINUTE))])
    somebody = await signed_in(rig.deployment)

    until = (now + 2 * MINUTE).isoformat().replace("+00:00", "Z")
    page = await somebody.get(f"/projects/acme/runs?until={until}")

    assert re.findall(r'<tr id="run-([^"]+)">', page.text) == ["later"]


async def test_a_stretch_of_time_is_chosen_with_what_stands_in_the_form_and_replaces_its_times(rig: Rig) -> None:
    somebody = await signed_in(rig.deployment)

    sent = "status=failed&agent=&since=2027-01-01T00:00&until=&sort=&within=7d&time="
    hour, any_time = [await somebody.get(f"/projects/acme/runs?{sent}{name}") for name in ("1h", "")]

    assert hour.headers["location"] == "/projects/acme/runs?within=1h&status=failed"
    assert any_time.headers["location"] == "/projects/acme/runs?status=failed"


@pytest.mark.parametrize("verb", ["cancel", "retry"])
async def test_who_has_chosen_no_run_is_told_to_choose_and_has_nothing_to_confirm(rig: Rig, verb: str) -> None:
    somebody = await signed_in(rig.deployment)

    page = await somebody.get(f"/projects/acme/runs:{verb}?agent=digest")

    assert "<h1>Choose runs first</h1>" in page.text
    assert 'href="/projects/acme/runs?agent=digest"' in page.text
    assert f'action="/projects/acme/runs:{verb}"' not in page.text
