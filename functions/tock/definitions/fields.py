"""The types of the fields that agents and triggers have in code; the API's models check the values."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal, TypedDict

#: A length of time: text such as `90s`, `1h30m` or `PT15M`, or a timedelta.
Duration = str | timedelta


class RetryFields(TypedDict, total=False):
    """The retry policy: at most 10 retries, the wait before the first, and what ends it early."""

    max_retries: int
    delay: Duration
    give_up_at_next: bool


class CatchUpFields(TypedDict, total=False):
    """The catch-up policy: which late fire times run, and how late they may be."""

    mode: Literal["latest", "all", "none"]
    window: Duration


class EvidenceFields(TypedDict, total=False):
    """What a run must show to succeed."""

    output_schema: Mapping[str, Any]
    events: Sequence[str]
    min_tokens: int


def given(**fields: Any) -> dict[str, Any]:
    """Return the fields that are not None: the others have the API's defaults."""
    return {name: value for name, value in fields.items() if value is not None}
