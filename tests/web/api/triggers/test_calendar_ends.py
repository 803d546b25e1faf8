"""Triggers at the ends of the calendar: refused with the field when they are written, or good for every request."""

from itertools import product
from typing import Any

import pytest

from web.rig import Rig

pytestmark = pytest.mark.anyio
FIRST, LAST = "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"
SCHEDULES: list[dict[str, Any]] = [
    {"every": "1d", "anchor": FIRST},
    {"every": "366d", "anchor": LAST},
    {"every": "10s", "anchor": LAST},
    {"at": FIRST},
    {"at": LAST},
    {"cron": "0 0 1 1 *", "time_zone": "Pacific/Kiritimati"},
    {"cron": "59 23 31 12 * 59", "time_zone": "Pacific/Pago_Pago"},
]
BOUNDS: list[dict[str, str]] = [
    {},
    {"start": FIRST},
    {"start": LAST},
    {"end": FIRST},
    {"end": LAST},
    {"start": FIRST, "end": LAST},
]
REQUESTS = (
    ("GET", ":proof"),
    ("GET", ":preview"),
    ("POST", ":disable"),
    ("GET", ":proof"),
    ("POST", ":enable"),
    ("GET", ""),
    ("DELETE", ""),
)


@pytest.mark.parametrize("schedule", SCHEDULES, ids=str)
async def test_what_is_created_at_the_ends_of_the_calendar_can_be_worked_with(
    rig: Rig, schedule: dict[str, Any]
) -> None:
    for number, bounds in enumerate(BOUNDS):
        made = await rig.api.post(
            "/v1/projects/acme/triggers", json={"id": f"t{number}", "agent": "digest", "schedule": schedule} | bounds
        )
        if made.status_code == 400:
            assert [error["field"] for error in made.json()["errors"]] == ["schedule"]
            continue
        assert made.status_code == 201

        for method, path in REQUESTS:
            answer = await rig.api.request(method, f"/v1/projects/acme/triggers/t{number}{path}")
            assert answer.is_success, (bounds, method, path, answer.text)


@pytest.mark.parametrize(("path", "bound"), list(product(("morning:proof", "morning:preview"), (FIRST, LAST))))
async def test_what_is_asked_of_the_ends_of_the_calendar_is_refused_by_its_field(
    rig: Rig, path: str, bound: str
) -> None:
    await rig.make_trigger()

    answer = await rig.api.get(f"/v1/projects/acme/triggers/{path}", params={"from": bound})

    assert answer.status_code == 400
    assert {error["field"] for error in answer.json()["errors"]} <= {"from", "to"}
