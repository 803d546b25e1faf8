"""What runs consumed, over HTTP: on the run, in lists, and added up."""

from datetime import UTC, datetime, time, timedelta

import pytest

from ports.documents import a_usage
from tock.ports.store import Add
from web.rig import Rig, ok, problem

pytestmark = pytest.mark.anyio
NOTHING = {"attempts": 0, "input_tokens": 0, "output_tokens": 0, "cost": 0.0, "unpriced_tokens": 0}
ONE = {"attempts": 1, "input_tokens": 100, "output_tokens": 20, "cost": 0.25, "unpriced_tokens": 0}


async def consume(rig: Rig) -> str:
    """Add usage of today and yesterday, and return today's date."""
    today = datetime.combine(rig.services.clock.now().date(), time(), tzinfo=UTC)
    used = [
        a_usage("a", day=today),
        a_usage("b", day=today, agent="review", trigger=None, cost=4.0),
        a_usage("c", day=today - timedelta(days=1), model=None, cost=0.0, unpriced_tokens=120),
    ]
    await rig.services.store.commit([Add(each) for each in used])
    return today.date().isoformat()


async def test_usage_is_added_up_by_agent_for_thirty_days_unless_the_query_says_otherwise(rig: Rig) -> None:
    today = await consume(rig)

    answer = ok(await rig.api.get("/v1/projects/acme/usage"))

    assert answer == {
        "project": "acme",
        "from": (datetime.fromisoformat(today) - timedelta(days=29)).date().isoformat(),
        "to": today,
        "group_by": "agent",
        "groups": [
            {"group": "review", **ONE, "cost": 4.0},
            {"group": "digest", "attempts": 2, "input_tokens": 200, "output_tokens": 40, "cost": 0.25}
            | {"unpriced_tokens": 120},
        ],
        "total": {"attempts": 3, "input_tokens": 300, "output_tokens": 60, "cost": 4.25, "unpriced_tokens": 120},
    }


@pytest.mark.parametrize(
    ("group_by", "groups"),
    [("trigger", [None, "morning"]), ("model", ["openai:gpt-5", None]), ("agent", ["review", "digest"])],
)
async def test_usage_is_added_up_by_what_the_query_says(rig: Rig, group_by: str, groups: list[str | None]) -> None:
    await consume(rig)

    answer = ok(await rig.api.get("/v1/projects/acme/usage", params={"group_by": group_by}))

    assert [each["group"] for each in answer["groups"]] == groups


async def test_days_are_chosen_and_another_project_sees_nothing_of_them(rig: Rig) -> None:
    today = await consume(rig)
    await rig.make_project("other")

    days = {"from": today, "to": today, "group_by": "day"}
    answer = ok(await rig.api.get("/v1/projects/acme/usage", params=days))
    other = ok(await rig.api.get("/v1/projects/other/usage", params=days))

    assert [each["group"] for each in answer["groups"]] == [today]
    assert answer["total"]["attempts"] == 2
    assert (other["groups"], other["total"]) == ([], NOTHING)


WRONG = {
    "no day": ({"from": "soon"}, "from", "is no day: write one such as 2027-01-31"),
    "a day that is none": ({"to": "2027-02-30"}, "to", "is no day"),
    "a time": ({"from": "2027-01-31T00:00:00Z"}, "from", "is no day"),
    "a number": ({"from": "1700000000"}, "from", "is no day"),
    "another grouping": ({"group_by": "user"}, "group_by", "must be one of 'agent', 'trigger', 'day' or 'model'"),
    "the wrong way round": ({"from": "2027-01-31", "to": "2027-01-30"}, "from", "is after `to`"),
    "too long": ({"from": "2025-01-01", "to": "2027-01-30"}, "from", "is more than 400 days before"),
    "twice": ([("from", "2027-01-01"), ("from", "2027-01-02")], "from", "once"),
    "unknown": ({"by": "agent"}, "by", "is not known here"),
}


@pytest.mark.parametrize("case", WRONG)
async def test_a_bad_query_is_refused_with_its_field_and_a_remedy(rig: Rig, case: str) -> None:
    query, field, says = WRONG[case]

    refused = problem(await rig.api.get("/v1/projects/acme/usage", params=query), 400)

    [error] = refused["errors"]
    assert error["field"] == field
    assert says in error["message"]


async def test_a_run_shows_what_it_consumed_and_so_does_the_list(rig: Rig) -> None:
    agent = {"id": "spends", "kind": "python", "config": {"callable": "web.sample_agents:spends"}}
    await rig.api.post("/v1/projects/acme/agents", json=agent)
    queued = (await rig.api.post("/v1/projects/acme/agents/spends:run", json={})).json()

    run = await rig.execute(queued)

    [listed] = ok(await rig.api.get("/v1/projects/acme/runs", params={"agent": "spends"}))["runs"]
    spent = {"input_tokens": 9, "output_tokens": 1, "cost": 0.0, "model": "home-made", "unpriced_tokens": 10}
    assert (run["usage"], run["attempts"][0]["usage"], listed["usage"]) == (spent, spent, spent)
    [group] = ok(await rig.api.get("/v1/projects/acme/usage", params={"group_by": "model"}))["groups"]
    assert group == {"group": "home-made", **NOTHING, "attempts": 1, "input_tokens": 9, "output_tokens": 1} | {
        "unpriced_tokens": 10
    }
