"""The input of one run: the trigger's or the request's, with the placeholders of its message filled."""

from dataclasses import dataclass
from datetime import datetime

from tock.core.run.messages.message_template import LONGEST_VALUES, Message, fill_message
from tock.core.run.run import Snapshot
from tock.core.schedule.schedule_text import local_time_text
from tock.core.time.instant import instant_text
from tock.core.trigger.trigger import Input

#: The most placeholders that a warning names.
_NAMED = 20


@dataclass(frozen=True, slots=True)
class FilledInput:
    """A run's input, and what was wrong with it, in sentences."""

    snapshot: Snapshot
    warnings: tuple[str, ...]


def filled_input(given: Input, *, scheduled_for: datetime, time_zone: str) -> FilledInput:
    """Return the input of a run at this time.

    Besides values of the payload, a message may name `{{scheduled_for}}`, the run's nominal time (RFC 3339 in UTC);
    `{{scheduled_for_local}}`, the same in the time zone (RFC 3339 with its offset); and `{{time_zone}}`, its IANA name.
    A placeholder without a value becomes empty text, and a warning.
    """
    message = _message(given, scheduled_for=scheduled_for, time_zone=time_zone)
    text = None if message is None else message.text
    snapshot = Snapshot(message=text, payload=given.payload, model=given.model, ref=given.ref, time_zone=time_zone)
    return FilledInput(snapshot, warnings=() if message is None else tuple(_warnings(message)))


def missing_placeholders(given: Input) -> tuple[str, ...]:
    """Return the placeholders of the message that have no value, whenever the run is."""
    message = _message(given, scheduled_for=datetime.fromisoformat("2000-01-01T00:00:00Z"), time_zone="UTC")
    return () if message is None else message.missing


def _message(given: Input, *, scheduled_for: datetime, time_zone: str) -> Message | None:
    if given.message is None:
        return None
    own = {
        "scheduled_for": instant_text(scheduled_for),
        "scheduled_for_local": local_time_text(scheduled_for, time_zone=time_zone),
        "time_zone": time_zone,
    }
    return fill_message(given.message, payload=given.payload, own=own)


def _warnings(message: Message) -> list[str]:
    warnings: list[str] = []
    if message.missing:
        names = ", ".join(f"{{{{{name}}}}}" for name in message.missing[:_NAMED])
        more = f" and {len(message.missing) - _NAMED} more" if len(message.missing) > _NAMED else ""
        whose = "its" if len(message.missing) == 1 else "their"
        warnings.append(f"The payload has no value for {names}{more}: empty text took {whose} place.")
    if message.cut:
        warnings.append(
            f"The values of the message's placeholders are longer than {LONGEST_VALUES} characters together: "
            "the rest was cut."
        )
    return warnings
