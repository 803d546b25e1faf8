"""A preview shows the next fire times in UTC and in local time, with the clock changes nearby."""

from typing import Any

import pytest

from web.rig import DAILY, Rig, ok, problem

pytestmark = pytest.mark.anyio
PREVIEW = "/v1/projects/acme/triggers:preview"
MORNING = "/v1/projects/acme/triggers/morning:preview"
NIGHTLY = {"cron": "30 2 * * *", "time_zone": "Europe/Berlin"}


async def test_a_gap_is_told_in_words(rig: Rig) -> None:
    body = {"schedule": NIGHTLY, "from": "2027-03-26T12:00:00+01:00", "count": 4}

    shown = ok(await rig.api.post(PREVIEW, json=body))

    words = (
        "gap: the clocks of Europe/Berlin go forward from 02:00 to 03:00 on 2027-03-28; "
        "local times from 02:00 to 03:00 do not exist"
    )
    near: dict[str, Any] = {
        "clock_change": words,
        "clock_change_kind": "gap",
        "clock_change_at": "2027-03-28T01:00:00Z",
    }
    far = dict.fromkeys(near)
    assert shown == {
        "schedule_text": "at 02:30 every day, Europe/Berlin time",
        "time_zone": "Europe/Berlin",
        "enabled": True,
        "fire_times": ["2027-03-27T01:30:00Z", "2027-03-28T01:00:00Z", "2027-03-29T00:30:00Z", "2027-03-30T00:30:00Z"],
        "fires": [
            {"time": "2027-03-27T01:30:00Z", "local": "2027-03-27T02:30:00+01:00"} | near,
            {"time": "2027-03-28T01:00:00Z", "local": "2027-03-28T03:00:00+02:00"} | near,
            {"time": "2027-03-29T00:30:00Z", "local": "2027-03-29T02:30:00+02:00"} | near,
            {"time": "2027-03-30T00:30:00Z", "local": "2027-03-30T02:30:00+02:00"} | far,
        ],
        "skipped": [
            {
                "first": "2027-03-28T02:30:00",
                "last": "2027-03-28T02:30:00",
                "count": 1,
                "fires_at": "2027-03-28T01:00:00Z",
                "clock_change": words,
                "clock_change_at": "2027-03-28T01:00:00Z",
            }
        ],
    }


async def test_what_a_gap_takes_away_is_marked(rig: Rig) -> None:
    schedule = {"cron": "*/30 2 * * *", "time_zone": "Europe/Berlin"}
    body = {"schedule": schedule, "from": "2027-03-27T12:00:00Z", "count": 3}

    shown = ok(await rig.api.post(PREVIEW, json=body))

    assert [fire["local"] for fire in shown["fires"]] == [
        "2027-03-29T02:00:00+02:00",
        "2027-03-29T02:30:00+02:00",
        "2027-03-30T02:00:00+02:00",
    ]
    [skipped] = shown["skipped"]
    assert (skipped["first"], skipped["last"]) == ("2027-03-28T02:00:00", "2027-03-28T02:30:00")
    assert (skipped["count"], skipped["fires_at"]) == (2, None)
    assert skipped["clock_change"].startswith("gap: the clocks of Europe/Berlin go forward from 02:00 to 03:00")


async def test_a_gap_before_the_end_of_the_trigger_is_marked_and_a_later_one_is_not(rig: Rig) -> None:
    schedule = {"cron": "*/30 2 * * *", "time_zone": "Europe/Berlin"}
    await rig.make_trigger(schedule=schedule, start="2099-03-28T12:00:00Z", end="2099-03-29T12:00:00Z", enabled=False)

    shown = ok(await rig.api.get(MORNING))

    assert shown["fires"] == []
    assert [skipped["first"] for skipped in shown["skipped"]] == ["2099-03-29T02:00:00"]


async def test_a_fold_is_told_in_words(rig: Rig) -> None:
    body = {"schedule": NIGHTLY, "from": "2027-10-31T00:00:00Z", "count": 1}

    (fire,) = ok(await rig.api.post(PREVIEW, json=body))["fires"]

    assert fire == {
        "time": "2027-10-31T00:30:00Z",
        "local": "2027-10-31T02:30:00+02:00",
        "clock_change": "fold: the clocks of Europe/Berlin go back from 03:00 to 02:00 on 2027-10-31; "
        "local times from 02:00 to 03:00 come twice",
        "clock_change_kind": "fold",
        "clock_change_at": "2027-10-31T01:00:00Z",
    }


async def test_ten_are_shown_from_now_unless_asked_otherwise(rig: Rig) -> None:
    made = await rig.make_trigger()

    shown = ok(await rig.api.get(MORNING))

    assert len(shown["fires"]) == 10
    assert shown["fire_times"][0] == made["next_run_at"]
    assert len(ok(await rig.api.get(MORNING, params={"count": 100}))["fires"]) == 100


async def test_the_first_instant_is_included(rig: Rig) -> None:
    body = {"schedule": {"every": "1h", "anchor": "2027-01-01T00:00:00Z"}, "from": "2027-01-01T05:00:00Z", "count": 2}

    shown = ok(await rig.api.post(PREVIEW, json=body))

    assert shown["fire_times"] == ["2027-01-01T05:00:00Z", "2027-01-01T06:00:00Z"]


async def test_a_triggers_start_and_end_bound_its_preview(rig: Rig) -> None:
    await rig.make_trigger(
        schedule=DAILY | {"cron": "0 9 * * *"}, start="2099-01-01T00:00:00Z", end="2099-01-03T08:00:00Z"
    )

    shown = ok(await rig.api.get(MORNING))

    assert shown["fire_times"] == ["2099-01-01T08:00:00Z", "2099-01-02T08:00:00Z"]


async def test_a_disabled_trigger_is_previewed_as_if_it_were_enabled_and_says_that_it_is_not(rig: Rig) -> None:
    await rig.make_trigger(enabled=False)

    shown = ok(await rig.api.get(MORNING, params={"from": "2027-01-04T00:00:00Z", "count": 1}))

    assert (shown["fire_times"], shown["enabled"]) == (["2027-01-04T08:00:00Z"], False)


async def test_an_enabled_trigger_says_so(rig: Rig) -> None:
    await rig.make_trigger()

    assert ok(await rig.api.get(MORNING))["enabled"] is True


@pytest.mark.parametrize(
    "schedule",
    [
        {"cron": "0 0 9 * * 1"},
        {"cron": "*/90 * * * *"},
        {"cron": "0 9 ? * MON-FRI *"},
        {"cron": "* * * * * *"},
        {"cron": "0 9 31 2 *"},
        {"every": "1s"},
        {"every": "1h", "time_zone": "Europe/Berlin"},
        {"at": "2020-01-01T00:00:00Z"},
        {"at": "0001-01-01T00:00:00Z"},
    ],
    ids=str,
)
async def test_a_preview_refuses_what_a_creation_refuses(rig: Rig, schedule: dict[str, Any]) -> None:
    previewed = problem(await rig.api.post(PREVIEW, json={"schedule": schedule}), 400)["errors"]
    made = await rig.api.post("/v1/projects/acme/triggers", json={"agent": "digest", "schedule": schedule})

    # Both name the present time, which differs.
    without_time = [
        [(error["field"], error["value"], error["message"].partition(" (")[0]) for error in errors]
        for errors in (previewed, problem(made, 400)["errors"])
    ]
    assert without_time[0] == without_time[1]


@pytest.mark.parametrize(
    ("schedule", "count"),
    [({"at": "9999-12-31T23:59:59Z"}, 1), ({"cron": "0 0 29 2 1"}, 100)],
    ids=["at the end of the calendar", "once in decades"],
)
async def test_a_schedule_with_little_to_come_is_previewed_all_the_same(
    rig: Rig, schedule: dict[str, Any], count: int
) -> None:
    body = {"schedule": schedule, "from": "2199-12-31T00:00:00Z", "count": 100}

    assert len(ok(await rig.api.post(PREVIEW, json=body))["fires"]) == count
