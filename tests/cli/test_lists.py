"""Lists on the command line: their forms, their order, and how to see the rest."""

import json

import pytest

from client.conftest import Hosted
from tock_calls import Tock, started
from web.rig import ADMIN_KEY

pytestmark = pytest.mark.anyio


async def test_a_list_says_how_to_see_the_rest_without_the_key(tock: Tock, hosted: Hosted) -> None:
    for _ in range(3):
        await started(tock)

    two = await tock("runs", "list", "--source", "manual", "--status", "queued,failed", "--limit", "2")
    more = two.splitlines()[-1].split("tock ", 1)[1].split()
    all_of_them = await tock(*more, "--columns", "run,status", "--csv")

    assert f"These are 2 of 3: tock --server {hosted.url} --project acme runs list" in two
    assert ADMIN_KEY not in two
    assert all_of_them.splitlines()[0] == "run,status"
    assert len(all_of_them.splitlines()) == 4


async def test_runs_are_listed_in_the_order_and_of_the_time_that_is_asked_for(tock: Tock) -> None:
    run = await started(tock)

    by_cost = await tock("runs", "list", "--sort", "cost", "--since", "1h", "--columns", "run", "--csv")
    by_start = await tock("runs", "list", "--sort", "started")
    earlier = await tock("runs", "list", "--until", "yesterday")

    assert by_cost.split() == ["run", run["id"]]
    assert (by_start, earlier) == ("No runs.\n", "No runs.\n")


async def test_every_list_has_every_form(tock: Tock) -> None:
    await tock("triggers", "create", "hourly", "--agent", "digest", "--every", "1h")

    coming = await tock("upcoming", "--limit", "2", "--csv", "--columns", "of,status,scheduled_for")
    spent = await tock("spend", "--csv")
    proven = await tock("proof", "hourly", "--ndjson")

    more, headings, *rows = coming.splitlines()
    assert more.startswith("There are more than these 2: tock ")
    assert more.endswith("upcoming --columns of,status,scheduled_for --csv --limit 500")
    assert (headings, [row.split(",")[0] for row in rows]) == ("of,status,scheduled_for", ["hourly", "hourly"])
    assert spent == "agent,attempts,input_tokens,output_tokens,unpriced_tokens,cost\n"
    assert proven.startswith("Every occurrence is accounted for, once: hourly, ")
    assert "there is no column 'statsu'" in await tock("upcoming", "--columns", "statsu", code=1)


async def test_lists_are_filtered_and_put_in_order(tock: Tock) -> None:
    for name, label, state in (("noon", "team=shop", "--enabled"), ("evening", "team=shop", "--disabled")):
        await tock("triggers", "create", name, "--agent", "digest", "--every", "1h", "--label", label, state)
    await tock("triggers", "create", "dawn", "--agent", "digest", "--every", "1h")

    async def ids(*words: str) -> list[str]:
        return [json.loads(line)["id"] for line in (await tock(*words, "--ndjson")).splitlines()]

    assert await ids("triggers", "list", "--label", "team=shop", "--sort", "trigger") == ["evening", "noon"]
    assert await ids("triggers", "list", "--label", "team=shop", "--enabled") == ["noon"]
    assert await ids("triggers", "list", "--reverse") == ["noon", "evening", "dawn"]
    assert await ids("triggers", "list", "--sort", "trigger", "--reverse") == ["noon", "evening", "dawn"]
    assert await ids("agents", "list", "--kind", "python", "--enabled") == ["digest"]
    assert (await ids("agents", "list", "--kind", "http"), await ids("agents", "list", "--disabled")) == ([], [])
    first, second = [json.loads(await tock("agents", "run", "digest", "--json"))["id"] for _ in range(2)]
    assert await ids("runs", "list", "--reverse", "--limit", "5") == [first, second]
    assert await ids("projects", "list", "--sort", "project") == ["acme"]


async def test_the_history_of_a_trigger_says_who_changed_which_fields(tock: Tock) -> None:
    await tock("triggers", "create", "morning", "--agent", "digest", "--cron", "0 9 * * *")
    await tock("triggers", "edit", "morning", "--name", "Digest", "--overlap", "queue")
    await tock("triggers", "delete", "morning", "--yes")

    shown = json.loads(await tock("triggers", "history", "morning", "--json"))
    table = (await tock("triggers", "history", "morning", "--csv", "--columns", "revision,event,changed,by")).split()

    assert [each["event"] for each in shown["revisions"]] == ["deleted", "disabled", "changed", "created"]
    assert shown["revisions"][2]["fields"]["name"] == "Digest"
    assert table[1:3] == ["4,deleted,,deployment-key", "3,disabled,enabled,deployment-key"]
    assert "There is no trigger 'evening'" in await tock("triggers", "history", "evening", code=1)
