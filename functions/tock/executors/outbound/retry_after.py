"""The header `Retry-After` of an answer (RFC 9110, section 10.2.3)."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from tock.core.run.gate import MAX_RETRY_AFTER


def retry_after(text: str, *, now: datetime) -> timedelta | None:
    """Return the wait that the header's text asks for, or None if it asks for none."""
    try:
        wait = timedelta(seconds=int(text)) if text.isdecimal() else parsedate_to_datetime(text) - now
    except OverflowError:
        return MAX_RETRY_AFTER
    except (ValueError, TypeError):
        return None
    return min(max(wait, timedelta()), MAX_RETRY_AFTER)
