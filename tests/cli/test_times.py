"""Times on the command line: every one is read and shown in the zone that is asked for."""

import json
from datetime import date, timedelta

import pytest

from client.conftest import Hosted, hosted  # noqa: F401 - the fixture
from tock_calls import Tock, started

pytestmark = pytest.mark.anyio


async def test_every_time_is_shown_in_the_zone(tock: Tock) -> None:
    run = await started(tock)
    await tock("triggers", "create", "t", "--agent", "digest", "--every", "1h")

    shown = {
        words: await tock(*words.split(), "--zone", "Asia/Kathmandu")
        for words in (
            f"runs show {run['id']}",
            f"runs timeline {run['id']}",
            "runs cancel --where agent=digest --plan",
            "triggers proof t --since 1d",
            "upcoming",
        )
    }

    assert [words for words, text in shown.items() if "+0545" not in text and "+05:45" not in text] == []


async def test_one_time_means_the_same_wherever_it_is_asked_for(tock: Tock) -> None:
    run = await started(tock)
    at = ("--zone", "Asia/Kathmandu")

    listed = await tock("runs", "list", "--since", "today", "--csv", "--columns", "run", *at)
    planned = json.loads(await tock("runs", "cancel", "--where", "since=today", "--plan", "--json", *at))
    later = json.loads(await tock("runs", "cancel", "--where", "since=in 1h", "--plan", "--json", *at))
    spent = json.loads(await tock("spend", "--since", "yesterday", "--until", "today", "--json", *at))

    assert listed.split() == ["run", run["id"]]
    assert (planned["runs"], later["runs"]) == ([run["id"]], [])
    assert date.fromisoformat(spent["to"]) - date.fromisoformat(spent["from"]) == timedelta(days=1)


async def test_the_time_of_a_question_is_read_as_that_of_a_schedule(tock: Tock) -> None:
    once = ("--agent", "digest", "--at", "2127-01-01 9:00", "--zone", "Asia/Kathmandu")
    await tock("triggers", "create", "once", *once)

    asked = await tock("why", "once", "2127-01-01 9:00", "--zone", "Asia/Kathmandu")
    skipped = await tock("why", "once", "2027-03-28 2:30", "--zone", "Europe/Berlin", code=1)

    assert "to come" in asked
    assert skipped.startswith("TIME: '2027-03-28 2:30' does not exist in Europe/Berlin, whose clocks skip it")
