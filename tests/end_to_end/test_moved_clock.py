"""`tock dev --at` and `tock dev advance`: two processes, one clock."""

import json
import re
from datetime import datetime
from pathlib import Path

import pytest

from end_to_end.running_stack import running_dev, tock

AGENTS = """
import tock

@tock.agent
async def told(run: tock.RunContext) -> str:
    return run.scheduled_for.isoformat()

tock.trigger("half-past-two", told, tock.cron("30 2 * * *", "Europe/Berlin"))
"""


@pytest.mark.slow
def test_another_process_moves_the_clock_of_a_running_stack(tmp_path: Path) -> None:
    (tmp_path / "night.py").write_text(AGENTS)
    with running_dev(tmp_path, "night", "--at", "2027-03-28T00:50:00Z") as dev:
        assert "Clock    2027-03-28T00:5" in dev.output
        assert [each["id"] for each in dev.get("/triggers")["triggers"]] == ["half-past-two"]

        moved = dev.tock("dev", "advance", "30m")

        [start, end] = re.findall(r"2027-03-28T\d\d:\d\d:\d\dZ", moved)[:2]
        assert (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() == 30 * 60
        assert "half-past-two" in moved
        assert re.search(r"2027-03-28T01:00:00Z\W+half-past-two\W+succeeded", moved), moved
        assert "Nothing fired." in dev.tock("dev", "advance", "5m")
        assert dev.get("/triggers/half-past-two:proof", **{"from": start})["holds"]

        # The command line reckons by this clock too.
        assert "2027-03-29T02:30:00+02:00" in dev.tock("upcoming")
        recent = [json.loads(dev.tock("runs", "list", "--since", since, "--json"))["runs"] for since in ("10m", "1h")]
        assert [len(runs) for runs in recent] == [0, 1]
        assert "the stack has a clock of its own, which says 2027-03-28T01:2" in dev.tock("doctor")
    again = tock("dev", "night", "--at", "2027-03-28T00:50:00Z", folder=tmp_path)

    assert again.returncode == 1
    assert "which the data in" in again.stderr
    assert "--fresh" in again.stderr
