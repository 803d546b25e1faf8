"""`tock demo`: it ends by itself, with status 0 and a proof that holds."""

import re
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_the_demo_shows_what_it_promises_and_proves_it(tmp_path: Path) -> None:
    repository = str(Path(__file__).parents[2])

    done = subprocess.run(
        [sys.executable, "-m", "tock.cli.main", "demo", "--repo", repository],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "attempt 1 lost, attempt 2 succeeded" in done.stdout
    assert "answers [202, 200], one run" in done.stdout
    # One run, live: each event that `tock runs follow` would print, in the order in which it happened.
    assert_in_order(
        done.stdout,
        "attempt 1 started",
        'line  {"text": "Announce the demo."}',
        "to the agent: Mention the proof.",
        'line  {"text": "Mention the proof."}',
        "waits for approval",
        "approved by",
        "run succeeded",
        "goes on with the same conversation",
        'line  {"text": "Thank the readers."}',
        "run succeeded",
        "steered, approved and resumed",
    )
    counts = re.search(r"expected (\d+), fired (\d+), in flight 0, skipped 0, missed 0, lost 0, doubled 0", done.stdout)
    assert counts is not None, done.stdout
    assert counts[1] == counts[2]
    assert int(counts[1]) >= 9


def assert_in_order(text: str, *parts: str) -> None:
    at = 0
    for part in parts:
        found = text.find(part, at)
        assert found >= 0, f"{part!r} does not come next in: {text[at:]}"
        at = found + len(part)
