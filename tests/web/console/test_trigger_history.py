"""The history of a trigger: what each version changed, field by field."""

from typing import Any

from core.builders import NOON, a_trigger
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import TriggerSpec
from tock.core.unreadable import Unreadable
from tock.web.console.pages.triggers.detail.differences import Difference, differences
from tock.web.console.pages.triggers.detail.history import versions

BEFORE = {"agent": "reader", "schedule": {"cron": "0 9 * * *"}}


def test_members_of_objects_differ_by_their_own_names() -> None:
    before = _spec(input={"payload": {"repo": "acme/shop", "kept": 1}}, retry={"max_retries": 2})
    after = _spec(input={"payload": {"repo": "acme/web", "kept": 1}}, retry={"max_retries": 4})

    assert differences(before, after) == (
        Difference("input.payload.repo", "acme/shop", "acme/web"),
        Difference("retry.max_retries", "2", "4"),
    )


def test_a_schedule_that_differs_comes_in_words_too() -> None:
    after = _spec(schedule={"every": "15m"})

    assert differences(_spec(), after) == (
        Difference("schedule", "at 09:00 every day, UTC", "every 15 minutes"),
        Difference("schedule.cron", "0 9 * * *", None),
        Difference("schedule.time_zone", "UTC", None),
        Difference("schedule.every", None, "PT15M"),
        Difference("schedule.anchor", None, "1970-01-01T00:00:00Z"),
    )


def test_an_object_that_gets_members_differs_by_these_alone() -> None:
    assert differences(_spec(), _spec(labels={"team": "shop"})) == (Difference("labels.team", None, "shop"),)


def test_a_truth_value_is_no_number_and_no_text() -> None:
    before, after = _spec(input={"payload": {"a": True, "b": "1"}}), _spec(input={"payload": {"a": 1, "b": 1}})

    assert differences(before, after) == (
        Difference("input.payload.a", "true", "1"),
        Difference("input.payload.b", "1", "1"),
    )


def test_equal_versions_differ_in_nothing() -> None:
    assert differences(_spec(), _spec()) == ()


def test_versions_are_named_by_what_happened_the_newest_first() -> None:
    stored = [
        _revision(1),
        _revision(2, name="Digest"),
        _revision(3, name="Digest", enabled=False),
        _revision(4).model_copy(update={"spec": None}),
        _revision(5, name="Digest"),
        _revision(6, name="Digest", enabled=False),
        _revision(7, name="Digest"),
    ]

    shown = versions(stored)

    assert [(each.revision, each.event) for each in shown] == list(
        zip(
            reversed(stored),
            ["enabled", "disabled", "created", "deleted", "disabled", "changed", "created"],
            strict=True,
        )
    )
    assert shown[5].changes == (Difference("name", None, "Digest"),)


def test_what_is_not_known_before_a_version_is_not_guessed() -> None:
    unreadable = Unreadable(kind="revision", project="library", id="4", version=1, problem="is broken")

    shown = versions([_revision(3), unreadable, _revision(5, name="Digest")])

    assert [each.event for each in shown] == ["first kept", "unreadable", "first kept"]


def _spec(**fields: Any) -> TriggerSpec:
    return TriggerSpec.model_validate(BEFORE | fields)


def _revision(number: int, **fields: Any) -> Revision:
    trigger = a_trigger(revision=number, **fields)
    return Revision.of(trigger, valid_from=NOON)
