"""What the API answers to the command line."""

from typing import Any

import pytest

from client.shown import shown_run
from terminal import typed  # noqa: F401 - the fixture


@pytest.fixture
def settled_run() -> dict[str, Any]:
    """A run that succeeded, as the API shows it."""
    return shown_run(warnings=["The payload has no value for {{shop}}: empty text took its place."])
