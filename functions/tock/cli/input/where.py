"""Reads which runs a command acts on: `status=failed,agent=digest,since=2h`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from tock.cli.errors import UsageError
from tock.cli.input.when import Here
from tock.core.run.status import RunSource, RunStatus

#: What may be asked for, with an example.
FIELDS = {
    "status": "failed",
    "agent": "digest",
    "trigger": "morning",
    "source": "schedule",
    "subject": "report",
    "since": "2h",
    "until": "10m",
}
_SEVERAL = frozenset({"status"})


@dataclass(frozen=True, slots=True)
class Where:
    """Which runs are meant; None, or no status, means any."""

    statuses: tuple[RunStatus, ...] = ()
    agent: str | None = None
    trigger: str | None = None
    source: RunSource | None = None
    subject: str | None = None
    #: Scheduled at or after the one, and before the other.
    since: datetime | None = None
    until: datetime | None = None

    @property
    def query(self) -> dict[str, Any]:
        """The arguments of the client's list of runs."""
        return {
            "status": list(self.statuses) or None,
            "agent": self.agent,
            "trigger": self.trigger,
            "source": self.source,
            "subject": self.subject,
            "since": self.since,
            "until": self.until,
        }


def where_of(given: Sequence[str], *, here: Here) -> Where:
    """Return what the texts ask for; commas separate conditions, and `status` may come several times.

    Raises UsageError.
    """
    found: dict[str, list[str]] = {}
    for condition in (part.strip() for text in given for part in text.split(",")):
        name, sign, value = (part.strip() for part in condition.partition("="))
        if not sign or not value or name not in FIELDS:
            raise _no_condition(condition, name=name)
        found.setdefault(name, []).append(value)
    for name, values in found.items():
        if len(values) > 1 and name not in _SEVERAL:
            raise UsageError(f"--where: {name} comes {len(values)} times: give it once")
    one = {name: values[0] for name, values in found.items()}
    return Where(
        statuses=tuple(_word(text, RunStatus, field="status") for text in found.get("status", ())),
        agent=one.get("agent"),
        trigger=one.get("trigger"),
        source=None if "source" not in one else _word(one["source"], RunSource, field="source"),
        subject=one.get("subject"),
        since=here.past(one.get("since"), option="--where since"),
        until=here.past(one.get("until"), option="--where until"),
    )


def _no_condition(condition: str, *, name: str) -> UsageError:
    example = ",".join(f"{name}={value}" for name, value in FIELDS.items())
    meant = _meant(name, FIELDS)
    return UsageError(
        f"--where: {condition!r} is no condition{meant}",
        details=(f"Write some of these, with commas between: {example}.",),
    )


def _word(text: str, kind: Any, *, field: str) -> Any:
    try:
        return kind(text)
    except ValueError as exc:
        meant, known = _meant(text, kind), ", ".join(kind)
        raise UsageError(f"--where: {field}={text} is not known{meant}: choose one of {known}") from exc


def _meant(text: str, known: Iterable[str]) -> str:
    """Return what was probably meant, in brackets; empty if nothing is like it."""
    close = get_close_matches(text, list(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""
