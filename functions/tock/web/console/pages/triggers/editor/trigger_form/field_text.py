"""The text that a control shows for the value of a field."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tock.core.time.duration import duration_text
from tock.web.console.pages.triggers.editor.trigger_form.kind import Kind

#: A longer JSON text is shown without line breaks and spaces, which a form would send as well.
_LONGEST_PRETTY = 16 * 1024


def field_text(value: Any, *, kind: Kind) -> str:
    """Return a value of a field as its control shows it."""
    match value:
        case timedelta():
            return short_length(value)
        case Mapping() if kind is Kind.PAIRS:
            return "\n".join(f"{name}={each}" for name, each in value.items())
        case Mapping():
            return _pretty(value)
        case tuple() | list():
            return "\n".join(map(str, value))
        case datetime():
            raise TypeError("a time needs a zone")
    return str(value)


def short_length(value: timedelta) -> str:
    """Return a length as people type it, such as `1h30m`; with a fraction of a second as ISO 8601."""
    if value.microseconds or not value:
        return duration_text(value)
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((value.days, "d"), (hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{amount}{unit}" for amount, unit in parts if amount)


def as_sent(held: str, *, has_lines: bool) -> str:
    """Return the text as it comes back from a browser (HTML, "value sanitization" and "preprocessing the input")."""
    lines = held.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    return lines if has_lines else lines.replace("\n", "")


def _pretty(value: Mapping[str, Any]) -> str:
    pretty = json.dumps(value, ensure_ascii=False, indent=2)
    if len(pretty) <= _LONGEST_PRETTY:
        return pretty
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
