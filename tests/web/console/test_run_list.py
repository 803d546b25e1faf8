"""The list of runs over HTTP: its filters, and when an open page reads itself again."""

import pytest

from web.console.visitors import signed_in
from web.rig import Rig

pytestmark = pytest.mark.anyio


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
