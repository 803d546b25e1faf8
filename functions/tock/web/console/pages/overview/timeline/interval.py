"""The interval that the timeline shows: a span of time that follows the present, or one that begins at a given time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import TypeAdapter, ValidationError

from tock.core.errors import InvalidArgument
from tock.web.resources.plausible import FIRST, LAST, PlausibleInstant

#: The lengths that the reader chooses from, by the word in the URL.
SPANS = {
    "1h": timedelta(hours=1),
    "6h": timedelta(hours=6),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
USUAL = "24h"
#: The part of an interval that lies before now, unless the reader says where it begins.
_PAST = 0.8
_TIME: TypeAdapter[datetime] = TypeAdapter(PlausibleInstant)


@dataclass(frozen=True, slots=True)
class Interval:
    """The times with `since <= time < until`."""

    since: datetime
    until: datetime
    #: One of SPANS.
    span: str
    #: Whether the reader said where it begins; else it goes with the present.
    fixed: bool

    def contains(self, instant: datetime) -> bool:
        """Whether the instant is one of its times."""
        return self.since <= instant < self.until

    @property
    def earlier(self) -> datetime:
        """The start of the interval half a span earlier."""
        return max(FIRST, self.since - SPANS[self.span] / 2)

    @property
    def later(self) -> datetime:
        """The start of the interval half a span later."""
        return min(LAST - SPANS[self.span], self.since + SPANS[self.span] / 2)

    def start_of(self, span: str) -> datetime:
        """Return where an interval of another span begins that has the same middle."""
        middle = self.since + (self.until - self.since) / 2
        return min(max(FIRST, middle - SPANS[span] / 2), LAST - SPANS[span])


def interval_of(*, begin: str, span: str, now: datetime) -> Interval:
    """Return the interval that a URL asks for; an empty text stands for the usual. Raises InvalidArgument."""
    chosen = span or USUAL
    if chosen not in SPANS:
        raise InvalidArgument(field="span", value=span, remedy=f"is no span: choose one of {', '.join(SPANS)}")
    length = SPANS[chosen]
    if not begin:
        # Whole seconds, so that two looks at the same second show the same.
        since = now.replace(microsecond=0) - length * _PAST
        return Interval(since, since + length, chosen, fixed=False)
    try:
        since = _TIME.validate_python(begin)
    except ValidationError as exc:
        problem = exc.errors()[0]["msg"].removeprefix("Value error, ")
        raise InvalidArgument(field="from", value=begin[:64], remedy=problem) from exc
    since = min(since, LAST - length)
    return Interval(since, since + length, chosen, fixed=True)
