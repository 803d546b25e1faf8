"""The versions of a trigger: what became of it by each of its revisions."""

from typing import Any

from core.builders import NOON, a_trigger
from tock.core.trigger.revision import Revision
from tock.core.trigger.version import Version, VersionEvent, versions
from tock.core.unreadable import Unreadable


def test_versions_are_named_by_what_happened_the_newest_first() -> None:
    stored = [
        _revision(1),
        _revision(2, name="Digest"),
        _revision(3, name="Digest", enabled=False),
        _revision(4).model_copy(update={"spec": None}),
        _revision(5, name="Digest"),
        _revision(6, name="Digest", enabled=False),
        _revision(7, name="Digest"),
        _revision(8, name="Weekly", enabled=False, overlap="queue"),
    ]

    shown = [each for each in versions(stored) if isinstance(each, Version)]

    assert [each.revision for each in shown] == stored[::-1]
    assert [(each.event, each.changed) for each in reversed(shown)] == [
        (VersionEvent.CREATED, ()),
        (VersionEvent.CHANGED, ("name",)),
        (VersionEvent.DISABLED, ("enabled",)),
        (VersionEvent.DELETED, ()),
        (VersionEvent.CREATED, ()),
        (VersionEvent.DISABLED, ("enabled",)),
        (VersionEvent.ENABLED, ("enabled",)),
        (VersionEvent.CHANGED, ("name", "overlap", "enabled")),
    ]


def test_what_is_not_known_before_a_version_is_not_guessed() -> None:
    unreadable = Unreadable(kind="revision", project="library", id="4", version=1, problem="is broken")

    shown = versions([_revision(3), unreadable, _revision(5, name="Digest")])

    assert [getattr(each, "event", each) for each in shown] == [
        VersionEvent.FIRST_KEPT,
        unreadable,
        VersionEvent.FIRST_KEPT,
    ]


def test_a_revision_that_changes_nothing_that_people_write_is_a_change_of_no_field() -> None:
    (second, _) = versions([_revision(1), _revision(2)])

    assert isinstance(second, Version)
    assert (second.event, second.changed) == (VersionEvent.CHANGED, ())


def _revision(number: int, **fields: Any) -> Revision:
    return Revision.of(a_trigger(revision=number, **fields), valid_from=NOON)
