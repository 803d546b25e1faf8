"""What a reader finds in a file of another program."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from tock.core.policies import LONGEST_TIMEOUT
from tock.core.time.duration import duration_text

_LONGEST_SLUG = 40


@dataclass(frozen=True, slots=True)
class Found:
    """A schedule as a trigger: its fields without the agent, and what is different from now on, in sentences."""

    #: The file and line.
    place: str
    id: str
    fields: Mapping[str, Any]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Left:
    """Something that becomes no trigger, and why."""

    place: str
    text: str
    reason: str


Finding = Found | Left


def slug(text: str) -> str:
    """Return an id made of the words of a text, such as `usr-bin-backup-all`."""
    words = re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-").lower()[:_LONGEST_SLUG].strip("-")
    return words or hashlib.sha256(text.encode()).hexdigest()[:12]


def with_own_ids(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield the findings; a trigger whose id came before gets a number: ids are the same at each import."""
    seen: Counter[str] = Counter()
    for finding in findings:
        if isinstance(finding, Found):
            seen[finding.id] += 1
            if seen[finding.id] > 1:
                yield replace(finding, id=f"{finding.id}-{seen[finding.id]}")
                continue
        yield finding


def bounded_timeout(wanted: timedelta | None) -> tuple[str, tuple[str, ...]]:
    """Return the timeout of an attempt, and a note if it is shorter than what was asked for; None: without an end."""
    longest = duration_text(LONGEST_TIMEOUT)
    if wanted is None:
        return longest, (f"an attempt is stopped after {longest}; here it had no end",)
    if wanted > LONGEST_TIMEOUT:
        return longest, (f"an attempt is stopped after {longest}, not after {duration_text(wanted)}",)
    return duration_text(max(wanted, timedelta(seconds=1))), ()
