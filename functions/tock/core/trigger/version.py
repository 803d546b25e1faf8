"""The versions of a trigger: each revision, with what became of the trigger by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tock.core.fields.differing import differing_fields
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import TriggerSpec
from tock.core.unreadable import Unreadable


class VersionEvent(StrEnum):
    """What became of a trigger by a revision."""

    #: It began, or began anew after its deletion.
    CREATED = "created"
    #: Some of its fields were changed, perhaps none that people write.
    CHANGED = "changed"
    #: It was enabled, and nothing else was changed.
    ENABLED = "enabled"
    #: It was disabled, by a person or by Tock, and nothing else was changed.
    DISABLED = "disabled"
    #: It was deleted.
    DELETED = "deleted"
    #: The revision before this one is no longer kept, or cannot be read: what was changed is not known.
    FIRST_KEPT = "first_kept"


@dataclass(frozen=True, slots=True)
class Version:
    """A revision that can be read, and what became of the trigger by it."""

    revision: Revision
    event: VersionEvent
    #: The version before it; None at a beginning and at an end, and if it is not known.
    before: TriggerSpec | None = None

    @property
    def changed(self) -> tuple[str, ...]:
        """The fields that differ from the version before it, in the order of a trigger's fields."""
        if self.before is None or self.revision.spec is None:
            return ()
        differing = differing_fields(self.before, self.revision.spec, fields=TriggerSpec.model_fields)
        return tuple(field for field in TriggerSpec.model_fields if field in differing)


def versions(stored: Sequence[Revision | Unreadable]) -> tuple[Version | Unreadable, ...]:
    """Return the versions that these revisions are, the newest first; the revisions come with the oldest first."""
    befores = [None, *stored[:-1]]
    return tuple(_version(revision, before) for before, revision in zip(befores, stored, strict=True))[::-1]


def _version(revision: Revision | Unreadable, before: Revision | Unreadable | None) -> Version | Unreadable:
    if isinstance(revision, Unreadable):
        return revision
    if revision.spec is None:
        return Version(revision, VersionEvent.DELETED)
    if revision.number == 1 or (isinstance(before, Revision) and before.spec is None):
        return Version(revision, VersionEvent.CREATED)
    if not isinstance(before, Revision):
        return Version(revision, VersionEvent.FIRST_KEPT)
    changed = Version(revision, VersionEvent.CHANGED, before=before.spec)
    if changed.changed != ("enabled",):
        return changed
    event = VersionEvent.ENABLED if revision.spec.enabled else VersionEvent.DISABLED
    return Version(revision, event, before=before.spec)
