"""Duplicate a trigger: create another one with all its fields."""

from tock.app.manage.triggers.create_trigger import create_trigger
from tock.app.services import Services
from tock.core.agent.agent import MANAGED_BY
from tock.core.errors import NotFound
from tock.core.trigger.trigger import Trigger, TriggerSpec


async def duplicate_trigger(
    services: Services, *, project: str, trigger: str, identifier: str | None, enabled: bool, by: str
) -> Trigger:
    """Create a trigger with the fields of this one, its owner's label excepted, enabled or not, and return it.

    Raises NotFound, DocumentUnreadable, and what `create_trigger` raises.
    """
    found = await services.store.trigger(project, trigger)
    if found is None:
        raise NotFound("trigger", trigger)
    fields = {field: getattr(found.value, field) for field in TriggerSpec.model_fields}
    labels = {name: value for name, value in found.value.labels.items() if name != MANAGED_BY}
    spec = TriggerSpec.model_validate(fields | {"enabled": enabled, "labels": labels})
    return await create_trigger(services, project=project, identifier=identifier, spec=spec, by=by)
