"""A revision: what a trigger said from an instant on, and who wrote it; what the proof reads."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, field_serializer

from tock.core.time import Instant
from tock.core.trigger.trigger import Trigger, TriggerSpec


class Revision(BaseModel):
    """One version of a trigger, kept when a later one follows and when the trigger is deleted."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    project: str
    trigger: str
    #: Counts what was written under this id, from 1, deletions included: no two writers give the same number.
    number: int
    #: The generation of its runs; it grows over deletions too.
    generation: int
    #: Fire times after it are this version's, up to the `valid_from` of the next, included.
    valid_from: Instant
    author: str
    #: None when the trigger was deleted.
    spec: TriggerSpec | None

    @classmethod
    def of(cls, trigger: Trigger, *, valid_from: datetime) -> "Revision":
        """The trigger's current version."""
        spec = TriggerSpec(**{field: getattr(trigger, field) for field in TriggerSpec.model_fields})
        return cls(
            project=trigger.project,
            trigger=trigger.id,
            number=trigger.revision,
            generation=trigger.generation,
            valid_from=valid_from,
            author=trigger.updated.by,
            spec=spec,
        )

    @classmethod
    def end_of(cls, trigger: Trigger, *, at: datetime, by: str) -> "Revision":
        """What a deletion leaves behind the trigger's last version."""
        return cls(
            project=trigger.project,
            trigger=trigger.id,
            number=trigger.revision + 1,
            generation=trigger.generation + 1,
            valid_from=at,
            author=by,
            spec=None,
        )

    @field_serializer("spec")
    def _spec_as_json(self, spec: TriggerSpec | None) -> dict[str, Any] | None:
        return None if spec is None else spec.model_dump(mode="json")
