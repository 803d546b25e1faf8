"""A preview shows the next fire times in UTC and in local time, with the clock changes nearby."""

from typing import Any

import pytest

from web.rig import DAILY, Rig, ok

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
        "time_zone": "Europe/Berlin",
        "fire_times": ["2027-03-27T01:30:00Z", "2027-03-28T01:00:00Z", "2027-03-29T00:30:00Z", "2027-03-30T00:30:00Z"],
        "fires": [
            {"time": "2027-03-27T01:30:00Z", "local": "2027-03-27T02:30:00+01:00"} | near,
            {"time": "2027-03-28T01:00:00Z", "local": "2027-03-28T03:00:00+02:00"} | near,
            {"time": "2027-03-29T00:30:00Z", "local": "2027-03-29T02:30:00+02:00"} | near,
            {"time": "2027-03-30T00:30:00Z", "local": "2027-03-30T02:30:00+02:00"} | far,
        ],
    }


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


async def test_a_disabled_trigger_is_previewed_as_if_it_were_enabled(rig: Rig) -> None:
    await rig.make_trigger(enabled=False)

    shown = ok(await rig.api.get(MORNING, params={"from": "2027-01-04T00:00:00Z", "count": 1}))

    assert shown["fire_times"] == ["2027-01-04T08:00:00Z"]


@pytest.mark.parametrize(
    ("schedule", "count"),
    [({"at": "2020-01-01T00:00:00Z"}, 0), ({"at": "9999-12-31T23:59:59Z"}, 1), ({"cron": "0 0 29 2 1"}, 100)],
    ids=["over", "at the end of the calendar", "once in decades"],
)
async def test_a_schedule_with_little_to_come_is_previewed_all_the_same(
    rig: Rig, schedule: dict[str, Any], count: int
) -> None:
    body = {"schedule": schedule, "from": "2199-12-31T00:00:00Z", "count": 100}

    assert len(ok(await rig.api.post(PREVIEW, json=body))["fires"]) == count
