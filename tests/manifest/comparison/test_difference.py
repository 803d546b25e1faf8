"""What differs between definitions and a project: field by field, in order, and never against its owner."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tock.manifest.comparison.difference import Action, Deployed, Difference, FieldChange, difference
from tock.manifest.entry import Entry, checked
from tock.manifest.written import Kind, Written

NOW = datetime(2027, 3, 20, 12, tzinfo=UTC)
STAMP = {"at": "2027-01-01T00:00:00Z", "by": "deployment-key"}
DAILY = {"cron": "0 9 * * *", "time_zone": "Europe/Berlin"}


def entry(of: Kind, /, **fields: Any) -> Entry:
    found = checked(Written(of, fields, place=lambda _: "here"))
    assert isinstance(found, Entry), found
    return found


def agent(identifier: str = "digest", **fields: Any) -> Entry:
    return entry(Kind.AGENT, **{"id": identifier, "kind": "http", "config": {"url": "https://a.example"}} | fields)


def trigger(identifier: str = "morning", **fields: Any) -> Entry:
    return entry(Kind.TRIGGER, **{"id": identifier, "agent": "digest", "schedule": DAILY} | fields)


def stored(made: Entry, **fields: Any) -> dict[str, Any]:
    """The resource as the API would show it."""
    shown = {"id": made.id, "project": "p", "revision": 3, "created": STAMP, "updated": STAMP, "paused": None}
    return {**made.fields, **shown, **fields}


def deployed(*entries: Entry, **unreadable: frozenset[str]) -> Deployed:
    return having(*((each.kind, stored(each)) for each in entries), **unreadable)


def having(*resources: tuple[Kind, dict[str, Any]], agents: frozenset[str] = frozenset()) -> Deployed:
    return Deployed(
        agents=[fields for kind, fields in resources if kind is Kind.AGENT],
        triggers=[fields for kind, fields in resources if kind is Kind.TRIGGER],
        unreadable={Kind.AGENT: agents, Kind.TRIGGER: frozenset()},
    )


def compared(*wanted: Entry, has: Deployed, owner: str = "tock-apply", prune: bool = False) -> Difference:
    return difference(wanted, has, owner=owner, prune=prune, now=NOW)


def test_what_is_missing_is_created_with_its_owner_agents_first() -> None:
    found = compared(trigger(), agent(), has=deployed())

    assert [(change.action, change.kind, change.id) for change in found.changes] == [
        (Action.CREATE, Kind.AGENT, "digest"),
        (Action.CREATE, Kind.TRIGGER, "morning"),
    ]
    assert found.changes[1].body == {
        "agent": "digest",
        "schedule": DAILY,
        "labels": {"managed-by": "tock-apply"},
    }
    assert found.changes[1].fires is not None
    assert found.changes[1].fires.coming == 30


def test_what_is_as_it_should_be_is_left_alone() -> None:
    found = compared(agent(), trigger(), has=deployed(agent(), trigger()))

    assert (found.changes, found.refused, found.unchanged) == ((), (), 2)


def test_a_change_names_each_field_and_the_revision_that_was_seen() -> None:
    new = trigger(schedule={"cron": "0 9 * * *"}, retry={"max_retries": 5}, input={"payload": {"a": {"b": 1}, "c": []}})
    old = trigger(input={"payload": {"a": {"b": True}, "gone": None}})

    [change] = compared(new, has=deployed(agent(), old)).changes

    assert change.revision == 3
    assert sorted(change.fields, key=lambda field: field.field) == [
        FieldChange("input.payload.a.b", before=True, after=1),
        FieldChange("input.payload.c", None, []),
        FieldChange("input.payload.gone", None, None),
        FieldChange("retry.max_retries", 2, 5),
        FieldChange("schedule.time_zone", "Europe/Berlin", "UTC"),
    ]
    assert change.fires is not None
    assert (change.fires.going, change.fires.coming) == (30, 30)


def test_a_schedule_of_another_kind_replaces_the_old_one() -> None:
    [change] = compared(trigger(schedule={"every": "1h"}), has=deployed(agent(), trigger())).changes

    assert {field.field: (field.before, field.after) for field in change.fields} == {
        "schedule.cron": ("0 9 * * *", None),
        "schedule.time_zone": ("Europe/Berlin", None),
        "schedule.every": (None, "PT1H"),
        "schedule.anchor": (None, "1970-01-01T00:00:00Z"),
    }


def test_the_owners_label_stays_without_being_written() -> None:
    owned = {"managed-by": "tock-apply", "team": "shop"}

    found = compared(agent(labels={"team": "shop"}), has=deployed(agent(labels=owned)))

    assert found.changes == ()


def test_what_nobody_owns_stays_so_until_its_labels_say_otherwise() -> None:
    assert compared(agent(), has=deployed(agent())).changes == ()

    [change] = compared(agent(labels={"managed-by": "tock-apply"}), has=deployed(agent())).changes

    assert change.fields == (FieldChange("labels.managed-by", None, "tock-apply"),)


def test_what_another_owner_made_is_refused_with_the_remedy() -> None:
    theirs = agent(labels={"managed-by": "shop"})

    found = compared(agent(description="Mine now."), has=deployed(theirs))

    assert found.changes == ()
    assert [(refused.id, refused.reason) for refused in found.refused] == [
        ("digest", "belongs to 'shop' by its label managed-by: apply it with --owner shop, or write that label")
    ]
    assert compared(theirs, has=deployed(theirs)).refused == ()


def test_what_another_owner_made_is_not_refused_where_it_is_as_defined() -> None:
    found = compared(
        agent(description="As it is."), has=deployed(agent(description="As it is.", labels={"managed-by": "shop"}))
    )

    assert (found.refused, found.changes, found.unchanged) == ((), (), 1)


def test_only_what_the_owner_made_is_pruned_triggers_first() -> None:
    mine = {"labels": {"managed-by": "tock-apply"}}
    has = deployed(
        agent("gone", **mine),
        agent("theirs", labels={"managed-by": "shop"}),
        agent("nobodys"),
        trigger("old", agent="gone", **mine),
    )

    kept, pruned = compared(has=has), compared(has=has, prune=True)

    assert (kept.changes, kept.kept) == ((), ((Kind.TRIGGER, "old"), (Kind.AGENT, "gone")))
    assert [(change.action, change.kind, change.id, change.revision) for change in pruned.changes] == [
        (Action.DELETE, Kind.TRIGGER, "old", 3),
        (Action.DELETE, Kind.AGENT, "gone", 3),
    ]
    assert pruned.changes[0].fires is not None
    assert (pruned.changes[0].fires.going, pruned.changes[0].fires.coming) == (30, 0)


def test_a_trigger_of_an_agent_that_is_nowhere_is_refused() -> None:
    [refused] = compared(trigger(), has=deployed()).refused

    assert refused.reason == "agent: 'digest' is neither defined here nor in the project: define it too"


PAST = {"at": "2027-01-01T09:00:00Z"}


def test_a_single_time_that_has_passed_is_not_armed_again() -> None:
    fired = stored(trigger(schedule=PAST), enabled=False, paused={"reason": "exhausted"}, next_run_at=None)
    has = having((Kind.AGENT, stored(agent())), (Kind.TRIGGER, fired))

    assert compared(trigger(schedule=PAST), has=has) == Difference((), (), (), 1)
    [described] = compared(trigger(schedule=PAST, description="It ran."), has=has).changes
    assert described.body is not None
    assert described.body["enabled"] is False
    [refused] = compared(trigger(schedule=PAST), has=deployed(agent())).refused
    assert refused.reason == "has no fire time after now: choose a later time, or set enabled to false"


def test_a_trigger_that_somebody_disabled_is_enabled_as_the_definitions_say() -> None:
    disabled = stored(trigger(), enabled=False, paused={"reason": "disabled"})

    [change] = compared(trigger(), has=having((Kind.AGENT, stored(agent())), (Kind.TRIGGER, disabled))).changes

    assert change.fields == (FieldChange("enabled", before=False, after=True),)
    assert change.fires is not None
    assert (change.fires.before, change.fires.after) == (0, 30)


def test_a_resource_that_cannot_be_read_is_left_with_the_remedy() -> None:
    [refused] = compared(agent(), has=deployed(agents=frozenset({"digest"}))).refused

    assert refused.reason == "is stored, but cannot be read: delete it, then it can be created"


@pytest.mark.parametrize("missing", ["labels", "concurrency", "evidence"])
def test_a_field_that_an_older_server_does_not_know_has_its_default(missing: str) -> None:
    old = stored(agent())
    del old[missing]

    assert compared(agent(), has=having((Kind.AGENT, old))).changes == ()


def test_a_field_that_a_newer_server_knows_is_ignored() -> None:
    assert compared(agent(), has=having((Kind.AGENT, stored(agent(), budget=3)))).changes == ()
