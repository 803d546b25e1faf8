"""The versions of a trigger as readers see them."""

from pydantic import BaseModel, ConfigDict, Field

from tock.core.time.instant import Instant
from tock.core.trigger.trigger import TriggerSpec
from tock.core.trigger.version import Version, VersionEvent
from tock.web.resources.page import Listed


class RevisionResource(BaseModel):
    """One version of a trigger, or its deletion."""

    model_config = ConfigDict(frozen=True)

    project: str
    trigger: str
    revision: int = Field(description="Its number; deletions count, too.")
    event: VersionEvent
    by: str = Field(description="Who made it: the name that records carry, such as `key:k-1`.")
    in_force_from: Instant = Field(description="It decides fire times after this instant.")
    changed: tuple[str, ...] = Field(
        description="The fields that differ from the version before; none if that is not known."
    )
    fields: TriggerSpec | None = Field(description="The trigger as it was written; null for a deletion.")

    @classmethod
    def of(cls, version: Version) -> "RevisionResource":
        """Return the version as readers see it."""
        revision = version.revision
        return cls.model_construct(
            project=revision.project,
            trigger=revision.trigger,
            revision=revision.number,
            event=version.event,
            by=revision.author,
            in_force_from=revision.valid_from,
            changed=version.changed,
            fields=revision.spec,
        )


class RevisionPage(Listed):
    """A page of the versions of a trigger, newest first."""

    revisions: tuple[RevisionResource, ...]
