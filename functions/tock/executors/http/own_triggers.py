"""What an agent may do with its own triggers while one of its runs has not ended."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from tock.core.errors import InvalidArgument


class OwnTriggers(StrEnum):
    """What the token of a run lets the agent do."""

    #: Nothing.
    NONE = "none"
    #: List the triggers of the agent.
    LIST = "list"
    #: List them, create further ones, and delete those that the agent created.
    MANAGE = "manage"


def own_triggers_of(config: Mapping[str, Any]) -> OwnTriggers:
    """Return what the configuration allows."""
    return OwnTriggers(config.get("own_triggers", OwnTriggers.NONE))


def check_own_triggers(config: Mapping[str, Any], *, possible: bool) -> None:
    """Check `own_triggers`, which is possible where the deployment can make run tokens. Raises InvalidArgument."""
    given = config.get("own_triggers", OwnTriggers.NONE)
    if given not in tuple(OwnTriggers):
        shown = given if isinstance(given, str) else None
        remedy = f"write one of {', '.join(OwnTriggers)}"
        raise InvalidArgument(field="config.own_triggers", value=shown, remedy=remedy)
    if given != OwnTriggers.NONE and not possible:
        remedy = "this deployment gives agents no tokens until TOCK_RUN_TOKEN_KEY and TOCK_API_URL are set"
        raise InvalidArgument(field="config.own_triggers", value=given, remedy=remedy)
