"""A revision: one version of a trigger, with its author and the instant from which it is in force."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, field_serializer

from tock.core.fields.later import stored_dump
from tock.core.time.instant import Instant
from tock.core.trigger.trigger import Trigger, TriggerSpec


class Revision(BaseModel):
    """One version of a trigger, or its deletion. Revisions stay stored, because the proof reads them."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    project: str
    trigger: str
    #: Counts the versions and deletions under this trigger id, from 1. It is part of the document's id, so that of two
    #: concurrent writers only one succeeds.
    number: int
    #: The generation of its runs; it goes on counting after a deletion.
    generation: int
    #: It is in force for fire times after this instant, up to and including the `valid_from` of the next version.
    valid_from: Instant
    author: str
    #: None if this revision records a deletion.
    spec: TriggerSpec | None
    #: At a deletion, the trigger's: a trigger that takes the id again starts its runs after that one, by its overlap
    #: policy.
    last_run: str | None = None

    @classmethod
    def of(cls, trigger: Trigger, *, valid_from: datetime) -> "Revision":
        """Return the revision for the trigger's current version."""
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
        """Return the revision that records the deletion of a disabled trigger."""
        return cls(
            project=trigger.project,
            trigger=trigger.id,
            number=trigger.revision + 1,
            generation=trigger.generation + 1,
            valid_from=at,
            author=by,
            spec=None,
            last_run=trigger.last_run,
        )

    @field_serializer("spec")
    def _spec_as_json(self, spec: TriggerSpec | None) -> dict[str, Any] | None:
        return None if spec is None else stored_dump(spec)
