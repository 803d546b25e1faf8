"""What of the log somebody wants to see who works on agents: what runs say, how they end, and what goes wrong."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from tock.local.output.log_line import EXCEPTION, event_of, in_words, plain, severity_of

#: How much of a run's id is shown; the command line takes the beginning of an id.
_RUN = 8
#: A line of a program's own log, below warnings: gunicorn's, or that of Python's logging.
_INFO = re.compile(r"(?:\[[^\]]*\] \[\d+\] \[)?(?:DEBUG|INFO)\b")
_TRY_AGAIN = frozenset({"queued", "held"})


def in_brief(name: str, text: str) -> tuple[str, str] | None:
    """Return who says what of a line that the process `name` has written; None for what only the whole log shows.

    What an agent prints, logs and raises, and what becomes of its run, is said by the agent and the beginning of the
    run's id.
    """
    event = event_of(text)
    if event is None:
        words = plain(text)
        return (name, words) if words and not _INFO.match(words) else None
    if "run" in event and "agent" in event:
        speaker = f"{event['agent']} {str(event['run'])[:_RUN]}"
        if "stream" in event:
            return speaker, plain(str(event.get("message", "")))
        if (words_of := _WORDS.get(str(event.get("message")))) is not None:
            return speaker, plain(words_of(event))
    return (name, in_words(text)) if severity_of(event) else None


def _raised(event: Mapping[str, Any]) -> str:
    return str(event.get(EXCEPTION, ""))


def _started(event: Mapping[str, Any]) -> str:
    trigger = f" by {event['trigger']}" if event.get("trigger") else ""
    again = f", attempt {event['attempt']}" if event.get("attempt", 1) != 1 else ""
    return f"started{trigger}{again}"


def _settled(event: Mapping[str, Any]) -> str:
    status, error = str(event.get("status")).replace("_", " "), event.get("error")
    if event.get("status") in _TRY_AGAIN:
        return "goes on later" if error is None else f"failed: {error}; tries again"
    return status if error is None else f"{status}: {error}. More: tock runs show {str(event['run'])[:_RUN]}"


def _skipped(event: Mapping[str, Any]) -> str:
    return f"skipped: run {str(event.get('blocked_by'))[:_RUN]} has not ended"


def _missed(event: Mapping[str, Any]) -> str:
    return f"missed: {event.get('reason')}"


#: How the events of runs are put, by name.
_WORDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "agent_raised": _raised,
    "run_started": _started,
    "run_settled": _settled,
    "run_skipped": _skipped,
    "run_missed": _missed,
}
