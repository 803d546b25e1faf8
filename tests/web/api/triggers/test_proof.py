"""The proof over HTTP: what it says about stored records, and which requests it refuses."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tock.app.manage.proof.occurrence_records import PAGE
from tock.app.manage.triggers.create_trigger import create_trigger
from tock.app.tick.tick import tick
from tock.core.proof.occurrence import OccurrenceStatus
from tock.core.run.run import Run
from tock.core.run.status import RunSource
from tock.core.time.instant import instant_text
from tock.core.trigger.claim import claim
from tock.core.trigger.plan import Plan
from tock.core.trigger.trigger import TriggerSpec
from tock.ports.clock import Clock
from tock.ports.store import Change, Create, Delete, RunFilter
from web.rig import Rig, ok, problem

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
KINDS = ("lost", "extra", "doubled", "unexplained", "unreadable", "overlapping")
NO_FAULTS: dict[str, list[Any]] = {kind: [] for kind in KINDS}
NO_COUNTS = dict.fromkeys(OccurrenceStatus, 0)


class _Behind:
    """The clock of an earlier time."""

    def __init__(self, clock: Clock, *, by: timedelta) -> None:
        self._clock = clock
        self._by = by

    def now(self) -> datetime:
        return self._clock.now() - self._by

    async def sleep(self, length: timedelta) -> None:
        await self._clock.sleep(length)


async def _created(rig: Rig, *, ago: timedelta) -> datetime:
    """Create the trigger `morning`, every ten seconds, some time ago, and never tick it; return when that was."""
    spec = TriggerSpec.model_validate({"agent": "digest", "schedule": {"every": "10s"}, "catch_up": {"mode": "none"}})
    services = replace(rig.services, clock=_Behind(rig.services.clock, by=ago))
    made = await create_trigger(services, project="acme", identifier="morning", spec=spec, by="ada")
    return made.created.at


async def _runs(rig: Rig) -> tuple[Run, ...]:
    page = await rig.services.store.runs("acme", matching=RunFilter(trigger="morning"), limit=100, token=None)
    return page.items


async def _proof(rig: Rig, trigger: str = "morning", **query: Any) -> dict[str, Any]:
    query = {name: instant_text(value) if isinstance(value, datetime) else value for name, value in query.items()}
    return ok(await rig.api.get(f"/v1/projects/acme/triggers/{trigger}:proof", params=query))


async def test_an_hour_that_nobody_ticked_is_due_and_then_missed_but_for_its_last(rig: Rig) -> None:
    created = await _created(rig, ago=HOUR)
    until = created + timedelta(minutes=59)

    before = await _proof(rig, **{"from": created, "to": until})
    await tick(rig.services)
    after = await _proof(rig, **{"from": created, "to": until, "occurrences": "false"})

    assert (before["holds"], before["expected"], before["counts"]) == (
        True,
        354,
        NO_COUNTS | {"in_flight": 9, "due": 345},
    )
    assert [occurrence["status"] for occurrence in before["occurrences"]] == ["in_flight"] * 9 + ["due"] * 345
    assert after == {
        "project": "acme",
        "trigger": "morning",
        "from": instant_text(created),
        "to": instant_text(until),
        "holds": True,
        "expected": 354,
        # The tick missed those that were claimed, too: nothing had delivered them for an hour.
        "counts": NO_COUNTS | {"missed": 354},
        "faults": NO_FAULTS,
        "late": [],
        "occurrences": None,
    }


async def test_a_record_that_is_gone_is_missing_and_the_proof_does_not_hold(rig: Rig) -> None:
    created = await _created(rig, ago=HOUR)
    await tick(rig.services)
    whole = await _proof(rig, **{"from": created})
    [record] = [run for run in await _runs(rig) if run.missed is not None and run.missed.count > 1]
    await rig.services.store.commit([Delete(record)])

    shown = await _proof(rig, **{"from": created, "to": whole["to"]})

    assert (whole["holds"], shown["holds"], shown["expected"]) == (True, False, whole["expected"])
    assert record.missed is not None
    assert len(shown["faults"]["lost"]) == shown["counts"]["lost"] == record.missed.count
    assert shown["faults"]["lost"][0] == {
        "fire_time": instant_text(record.missed.first),
        "run": None,
        "problem": "has no record",
    }


async def test_a_range_that_began_before_the_interval_reaches_into_it(rig: Rig) -> None:
    created = await _created(rig, ago=HOUR)
    await tick(rig.services)

    shown = await _proof(rig, **{"from": created + timedelta(minutes=30), "to": created + timedelta(minutes=40)})

    assert (shown["holds"], shown["counts"]) == (True, NO_COUNTS | {"missed": 60})
    [record] = {occurrence["run"] for occurrence in shown["occurrences"]}
    assert record in {run.id for run in await _runs(rig)}


async def test_without_an_interval_it_goes_from_the_creation_until_now(rig: Rig) -> None:
    created = await _created(rig, ago=HOUR)
    await tick(rig.services)

    shown = await _proof(rig)

    assert shown["from"] == instant_text(created)
    assert timedelta(minutes=60) <= datetime.fromisoformat(shown["to"]) - created < timedelta(minutes=65)
    assert shown["holds"]


async def test_without_a_beginning_it_covers_the_day_before_its_end(rig: Rig) -> None:
    await _created(rig, ago=timedelta())
    until = rig.services.clock.now() - timedelta(days=2)

    shown = await _proof(rig, to=until)

    assert (shown["from"], shown["expected"]) == (instant_text(until - timedelta(days=1)), 0)


async def test_more_runs_than_are_read_at_once_are_all_read(rig: Rig) -> None:
    created = await _created(rig, ago=HOUR)
    found = await rig.services.store.trigger("acme", "morning")
    assert found is not None
    assert found.value.next_run_at is not None
    first, now = found.value.next_run_at, rig.services.clock.now()
    fires = tuple(first + number * 10 * SECOND for number in range(PAGE + 1))
    plan = Plan(fires=fires, missed=None, next_run_at=fires[-1] + 10 * SECOND)
    made = claim(found.value, plan, now=now, claimed_by="tick", timing=rig.services.timing)
    await rig.services.store.commit([Change(before=found, after=made.trigger), *map(Create, made.runs)])

    shown = await _proof(rig, **{"from": created, "to": fires[-1] + SECOND})

    assert (shown["holds"], shown["counts"]) == (True, NO_COUNTS | {"in_flight": 9 + PAGE + 1})


async def test_runs_by_hand_are_no_part_of_it(rig: Rig) -> None:
    await _created(rig, ago=timedelta())
    await rig.start("triggers/morning")

    shown = await _proof(rig)

    assert {run.source for run in await _runs(rig)} == {RunSource.MANUAL, RunSource.SCHEDULE}
    assert (shown["holds"], shown["faults"]) == (True, NO_FAULTS)


async def test_a_deleted_trigger_can_still_be_proved_and_one_that_never_was_cannot(rig: Rig) -> None:
    created = await _created(rig, ago=HOUR)
    await rig.api.delete("/v1/projects/acme/triggers/morning")

    shown = await _proof(rig, **{"from": created})

    assert shown["holds"]
    assert shown["counts"]["missed"] == shown["expected"] - 9 >= 351
    problem(await rig.api.get("/v1/projects/acme/triggers/evening:proof"), 404)
    problem(await rig.api.get("/v1/projects/other/triggers/morning:proof"), 404)


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ({"to": 60 * SECOND}, "to", "lies in the future: choose a time up to now"),
        ({"from": 60 * SECOND}, "from", "is not before the end of the interval"),
        ({"from": -SECOND, "to": -SECOND}, "from", "is not before the end of the interval"),
        ({"from": -timedelta(days=90)}, "from", "lies before the oldest stored records: choose a time from"),
        ({"to": -timedelta(days=90)}, "to", "lies before the oldest stored records: choose a time after"),
        ({"from": "yesterday"}, "from", "is not a time"),
        ({"to": "2027-01-01T00:00:00"}, "to", "needs an offset"),
        ({"from": "0001-01-01T00:00:00Z"}, "from", "lies before the oldest stored records"),
        ({"to": "9999-12-31T23:59:59Z"}, "to", "lies in the future"),
        ({"occurrences": "some"}, "occurrences", "must be true or false"),
        ({"since": timedelta()}, "since", "is not known here"),
    ],
    ids=str,
)
async def test_an_interval_that_cannot_be_proved_is_refused_with_a_remedy(
    rig: Rig, query: dict[str, timedelta | str], field: str, words: str
) -> None:
    await rig.make_trigger()
    now = rig.services.clock.now()
    sent = {name: instant_text(now + value) if isinstance(value, timedelta) else value for name, value in query.items()}

    refused = problem(await rig.api.get("/v1/projects/acme/triggers/morning:proof", params=sent), 400)

    [error] = refused["errors"]
    assert error["field"] == field
    assert words in error["message"]


async def test_an_interval_with_too_many_occurrences_is_refused_with_one_that_is_not(rig: Rig) -> None:
    created = await _created(rig, ago=timedelta(days=3))
    begin = created.replace(second=1, microsecond=0) + HOUR

    answer = await rig.api.get("/v1/projects/acme/triggers/morning:proof", params={"from": instant_text(begin)})

    [error] = problem(answer, 400)["errors"]
    most = begin + 9 * SECOND + 10_000 * 10 * SECOND
    assert error["field"] == "to"
    assert error["message"] == (
        "the interval holds more than 10000 occurrences: "
        f"choose a `to` of at most {instant_text(most)}, or a later `from`"
    )
    shown = await _proof(rig, **{"from": begin, "to": most})
    assert shown["expected"] == len(shown["occurrences"]) == 10_000


@pytest.mark.parametrize("start", ["0001-01-01T00:00:00Z", "0001-01-02T13:59:59.999999Z"])
async def test_a_start_at_the_beginning_of_the_calendar_can_be_proved(rig: Rig, start: str) -> None:
    await rig.make_trigger(schedule={"cron": "* * * * *", "time_zone": "Pacific/Kiritimati"}, start=start)

    proof = await _proof(rig)

    assert (proof["holds"], proof["counts"]["lost"]) == (True, 0)
