"""When a request is sent again, and after which pause."""

import httpx

from tock.client.answer import problem_of

#: The first pause and the longest one, in seconds; each is up to twice as long as the one before it.
_FIRST, _LONGEST = 0.2, 10.0
#: How long requests may be repeated in all, pauses included, in seconds.
LONGEST_IN_ALL = 60.0


def is_transient(answer: httpx.Response) -> bool:
    """Whether Tock says that the same request may succeed later, without any change."""
    if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
        return False
    problem = problem_of(answer)
    return problem is not None and problem.transient


def pause_before(retry: int, *, answer: httpx.Response | None, jitter: float) -> float:
    """Return the seconds to wait before a retry, numbered from 1; `jitter` is from 0 to 1.

    At least as long as the answer's Retry-After, but never longer than ten seconds, so that no server holds the caller.
    """
    pause: float = _FIRST * 2 ** (retry - 1) * (0.5 + jitter / 2)
    return min(max(pause, _retry_after(answer)), _LONGEST)


def _retry_after(answer: httpx.Response | None) -> float:
    """Return the header's seconds; zero without it, or for a date, which Tock never sends."""
    text: str = "" if answer is None else answer.headers.get("retry-after", "")
    return float(text) if text.isdecimal() and text.isascii() else 0.0
