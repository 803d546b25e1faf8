"""When an open page of triggers reads itself again, and what the page of a disabled trigger shows as coming."""

import re
from datetime import timedelta

import pytest

from ports.documents import NOW
from tock.web.console.pages.triggers.read_again import read_again_in
from web.console.visitors import signed_in
from web.rig import Rig, ok

_SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("waits", "expected"),
    [
        ([], None),
        ([None], None),
        ([90 * _SECOND, None, 600 * _SECOND], 92),
        ([-20 * _SECOND], 15),
        ([timedelta(days=9)], 3600),
    ],
    ids=["none listed", "disabled", "the earliest", "one that is past", "one far away"],
)
def test_an_open_page_reads_itself_again_right_after_the_earliest_fire_time(
    waits: list[timedelta | None], expected: int | None
) -> None:
    assert read_again_in((wait and NOW + wait for wait in waits), now=NOW) == expected


@pytest.mark.anyio
async def test_the_list_and_the_page_read_themselves_again_only_while_something_is_enabled(rig: Rig) -> None:
    await rig.make_trigger()
    somebody = await signed_in(rig.deployment)
    pages = ("/projects/acme/triggers", "/projects/acme/triggers/morning")

    enabled = [(await somebody.get(page)).text for page in pages]
    ok(await rig.api.post("/v1/projects/acme/triggers/morning:disable", json={}))
    disabled = [(await somebody.get(page)).text for page in pages]

    assert all(re.search(r'hx-trigger="tock:switched, every \d+s"', text) for text in enabled)
    assert all('hx-trigger="tock:switched"' in text for text in disabled)


@pytest.mark.anyio
async def test_a_disabled_trigger_has_no_coming_fire_time_on_its_page(rig: Rig) -> None:
    await rig.make_trigger(schedule={"every": "15m"})
    somebody = await signed_in(rig.deployment)
    page, part = "/projects/acme/triggers/morning", {"HX-Request": "true", "HX-Target": "coming"}

    enabled = (await somebody.get(page, **part)).text
    ok(await rig.api.post("/v1/projects/acme/triggers/morning:disable", json={}))
    disabled = (await somebody.get(page, **part)).text
    live = (await somebody.get(page, **part | {"HX-Target": "live"})).text

    assert enabled.count("data-coming=") == 8
    assert 'class="mark status scheduled"' in enabled
    assert "data-coming=" not in disabled
    assert "scheduled" not in disabled[disabled.index('class="calendar"') :]
    assert 'class="calendar"' not in live
