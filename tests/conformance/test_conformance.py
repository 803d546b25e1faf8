"""`python -m conformance` finds it when the OpenAPI document says what is not true."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.lies import LIES

pytestmark = pytest.mark.slow
FOUND = {
    "read_agent never answers 404": ("read_agent", "Undocumented status code"),
    "an agent has a colour": ("read_agent", "Response violates schema"),
    "an ETag is made of letters": ("read_agent", "Response header does not conform to the schema"),
    "a trigger may retry 1,000 times": ("create_trigger", "Schema-valid request rejected"),
    "a trigger may retry 3 times only": ("create_trigger", "Schema-violating request accepted"),
}


def test_each_lie_is_planted() -> None:
    assert FOUND.keys() == LIES.keys()


@pytest.mark.parametrize(("lie", "operation", "says"), [(lie, *found) for lie, found in FOUND.items()], ids=FOUND)
def test_a_false_statement_is_found(lie: str, operation: str, says: str, firestore_emulator: str) -> None:
    root = Path(__file__).parents[2]
    environment = os.environ | {
        "PYTHONPATH": f"{root / 'functions'}:{root / 'tests'}",
        "FIRESTORE_EMULATOR_HOST": firestore_emulator,
    }

    further = ["--include-operation-id", operation, "--phases", "coverage,fuzzing"]

    found = subprocess.run(
        [sys.executable, "-m", "conformance", "--lie", lie, "--examples", "30", "--", *further],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (found.returncode, says in found.stdout) == (1, True), found.stdout + found.stderr
