"""Add up what a project's runs consumed on some days."""

from datetime import UTC, date, datetime, time, timedelta

from tock.app.services import Services
from tock.core.errors import InvalidArgument
from tock.core.usage.day import USAGE_RETENTION
from tock.core.usage.sums import Grouping, UsageSums

#: How many days are added up if the request does not say from which on.
USUAL_DAYS = 30
#: The most documents that one request reads, and how many of them one query reads.
MAX_DOCUMENTS = 20_000
PAGE = 1_000


async def sum_usage(
    services: Services, *, project: str, first: date | None, last: date | None, grouping: Grouping
) -> tuple[date, date, UsageSums]:
    """Return the days from the first to the last, both included, and the sums of what runs consumed on them.

    Without `last` the days end today, in UTC; without `first` they are 30. There is a document for each agent, trigger
    and model of a day and, if they have many runs, for each shard. Raises InvalidArgument (`from`, `to`),
    StoreUnavailable.
    """
    until = last or services.clock.now().astimezone(UTC).date()
    since = first or _days_before(until, USUAL_DAYS - 1)
    if since > until:
        raise InvalidArgument(field="from", value=since.isoformat(), remedy=f"is after `to`, {until}: swap them")
    if until - since >= USAGE_RETENTION:
        remedy = f"is more than {USAGE_RETENTION.days} days before `to`, {until}: usage is kept no longer"
        raise InvalidArgument(field="from", value=since.isoformat(), remedy=remedy)
    sums = UsageSums(grouping)
    cursor, read = None, 0
    while True:
        page = await services.store.usage(project, since=_midnight(since), until=_end(until), limit=PAGE, cursor=cursor)
        sums.add(page.days)
        cursor, read = page.cursor, read + PAGE
        if cursor is None:
            return since, until, sums
        if read >= MAX_DOCUMENTS:
            remedy = f"the usage up to `to`, {until}, is in more than {MAX_DOCUMENTS} documents: ask for fewer days"
            raise InvalidArgument(field="from", value=since.isoformat(), remedy=remedy)


def _days_before(day: date, count: int) -> date:
    return max(day, date.min + timedelta(days=count)) - timedelta(days=count)


def _end(day: date) -> datetime:
    return datetime.max.replace(tzinfo=UTC) if day == date.max else _midnight(day + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
