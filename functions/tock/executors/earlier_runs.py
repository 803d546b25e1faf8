"""How earlier runs of a trigger ended, as agents outside this process get it if their configuration asks for it."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from tock.core.errors import InvalidArgument, Unavailable
from tock.ports.executor import RunContext

#: The property of a configuration.
PREVIOUS_SCHEMA: dict[str, Any] = {
    "type": "boolean",
    "default": False,
    "description": "Whether each attempt is told the last result and the last failure of its trigger, as `previous`.",
}
#: Seconds until they are read again after the store did not answer.
AGAIN_AFTER = 1.0


def check_previous(config: Mapping[str, Any]) -> None:
    """Raise InvalidArgument if the configuration asks for earlier runs with anything but true or false."""
    if not isinstance(given := config.get("previous", False), bool):
        raise InvalidArgument(field="config.previous", value=given, remedy="write true or false")


async def previous_runs(config: Mapping[str, Any], context: RunContext) -> dict[str, Any] | None:
    """Return `{"result", "failure": {"type", "message", "retryable"} | None}`; None if the agent does not ask for it.

    While the store does not answer, it is asked again, until the attempt's timeout.
    """
    if not config.get("previous"):
        return None
    while True:
        try:
            return asdict(await context.previous())
        except Unavailable:
            from asyncio import sleep  # noqa: PLC0415 imported lazily: only a run needs it

            await sleep(AGAIN_AFTER)
