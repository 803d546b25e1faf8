"""What `tock dev` shows of its log: what runs say and how they end, and what goes wrong."""

import json
from typing import Any

import pytest

from tock.local.output.brief import in_brief

RUN = {"run": "0123456789abcdef01234567", "agent": "digest", "attempt": 1}
TRACEBACK = "Traceback\n  line 1\nKeyError"


def _line(message: str, **fields: Any) -> str:
    return json.dumps({"severity": "INFO", "message": message, **fields})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ticker", '{"message": "ticked", "status": 200}'),
        ("tick", _line("tick_finished", claimed=3)),
        ("api", _line("agent_created", agent="digest", project="demo")),
        ("run", _line("run_launched", **RUN)),
        ("run", "[2027-01-01 12:00:00 +0000] [123] [INFO] Listening at: http://127.0.0.1:8080"),
        ("cloud_tasks", "INFO task_created task=t1"),
        ("stack", "INFO run answers at http://127.0.0.1:20000/"),
        ("run", ""),
    ],
)
def test_what_goes_as_it_should_is_for_the_file(name: str, text: str) -> None:
    assert in_brief(name, text) is None


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("tick", _line("claim_failed", severity="WARNING", run="r"), "WARNING claim_failed run=r"),
        ("run", "[2027-01-01 12:00:00 +0000] [123] [ERROR] Worker died", None),
        ("cloud_tasks", "ERROR the file is damaged", None),
        ("firestore", "documents cannot be saved", None),
        ("run", "Traceback (most recent call last):", None),
        ("stack", "ended: SIGINT", None),
    ],
)
def test_what_goes_wrong_is_shown(name: str, text: str, shown: str | None) -> None:
    assert in_brief(name, text) == (name, shown or text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (_line("Grüße\x1b[2J", **RUN, stream="stdout"), "Grüße[2J"),
        (_line("logged", **RUN, severity="ERROR", stream="log"), "logged"),
        (
            _line("agent_raised", **RUN, severity="WARNING", exception=TRACEBACK),
            TRACEBACK,
        ),
        (_line("run_started", **RUN, status="running"), "started"),
        (_line("run_started", **RUN | {"attempt": 2}, trigger="daily"), "started by daily, attempt 2"),
        (_line("run_settled", **RUN, status="succeeded", error=None), "succeeded"),
        (
            _line("run_settled", **RUN, status="timed_out", error="timed_out"),
            "timed out: timed_out. More: tock runs show 01234567",
        ),
        (_line("run_settled", **RUN, status="queued", error="KeyError"), "failed: KeyError; tries again"),
        (_line("run_settled", **RUN, status="queued", error=None), "goes on later"),
        (_line("run_skipped", **RUN, blocked_by="fedcba987654"), "skipped: run fedcba98 has not ended"),
        (_line("run_missed", **RUN, reason="too late"), "missed: too late"),
    ],
)
def test_a_run_speaks_for_itself(text: str, words: str) -> None:
    assert in_brief("run", text) == ("digest 01234567", words)
