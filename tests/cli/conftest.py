"""What the API answers to the command line."""

from typing import Any

import pytest


@pytest.fixture
def settled_run() -> dict[str, Any]:
    """A run that succeeded, as the API shows it."""
    return {
        "id": "r",
        "status": "succeeded",
        "reason": None,
        "trigger": None,
        "agent": "a",
        "source": "manual",
        "scheduled_for": "2027-01-01T00:00:00Z",
        "started": None,
        "lateness_seconds": None,
        "finished": "2027-01-01T00:00:01Z",
        "duration_seconds": None,
        "retry_of": None,
        "retried_by": [],
        "input": {},
        "result": None,
        "error": None,
        "warnings": ["The payload has no value for {{shop}}: empty text took its place."],
        "attempt": 1,
        "attempts": [],
        "usage": {"input_tokens": 0, "output_tokens": 0, "cost": 0.0},
    }
