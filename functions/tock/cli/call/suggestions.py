"""Says which id was probably meant by one that does not exist."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from difflib import get_close_matches

from tock import Client
from tock.client.errors import ApiError, TockClientError

_MISSING = re.compile(r"[Tt]here is no (agent|trigger|project|API key) '([^']+)'")
#: The most ids that are looked at, and the most that are suggested.
_MOST, _SUGGESTED = 100, 3
_IDS: Mapping[str, Callable[[Client], list[str]]] = {
    "agent": lambda client: [each.id for each in client.agents.list(page_size=_MOST).page().agents],
    "trigger": lambda client: [each.id for each in client.triggers.list(page_size=_MOST).page().triggers],
    "API key": lambda client: [each.id for each in client.keys.list(page_size=_MOST).page().api_keys],
    "project": lambda client: [each.id for each in client.projects.list(page_size=_MOST).page().projects],
}


@contextmanager
def suggesting(client: Client) -> Iterator[None]:
    """Add to an error about something that does not exist (see _IDS) which ones are named like it."""
    try:
        yield
    except ApiError as exc:
        with suppress(TockClientError):
            if (hint := _hint(str(exc), client=client)) is not None:
                exc.add_note(hint)
        raise


def _hint(message: str, *, client: Client) -> str | None:
    match = _MISSING.search(message)
    if match is None:
        return None
    kind, given = match.groups()
    close = get_close_matches(given, _IDS[kind](client), n=_SUGGESTED)
    return f"Did you mean {' or '.join(close)}?" if close else None
