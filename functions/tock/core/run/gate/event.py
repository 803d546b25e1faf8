"""The part of the gate that an agent's events pass."""

from typing import Any

from tock.core.json.value import replace_by_json, text_of, whole_characters

#: The most bytes of one event's data.
MAX_EVENT_BYTES = 16 * 1024
#: The most characters of an event's kind.
MAX_KIND = 64


def event_of(kind: Any, data: Any) -> tuple[str, Any, bool]:
    """Return the kind and the data of an event as they can be stored, and whether the data was changed; never raises.

    The kind becomes a text of 1 to 64 characters. Data that is not JSON becomes its text, data over 16 KiB is cut.
    """
    word = whole_characters(text_of(kind)[:MAX_KIND]) or "event"
    try:
        plain, replaced = replace_by_json(data, max_bytes=MAX_EVENT_BYTES)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as exc:  # noqa: BLE001 - the data may be an object with code of its own
        return word, f"<{type(data).__name__}, which cannot be read: {text_of(exc)[:MAX_KIND]}>", True
    return word, plain, replaced


def kind_of_agent(kind: str) -> str:
    """Return an agent's kind of event, with `agent.` in front if it starts with `run.`, as only Tock's own do."""
    return f"agent.{kind}"[:MAX_KIND] if kind.startswith("run.") else kind
