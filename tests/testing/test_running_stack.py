"""A whole stack on a clock that the test moves: clock changes, backlogs, and the proof in the end."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import tock.testing
from testing import night_agents
from tock.core.errors import InvalidArgument
from tock.local.errors import StillAtWork

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _one_emulator(firestore_emulator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", firestore_emulator)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def times(runs: Sequence[Any], trigger: str) -> list[tuple[str, str]]:
    return [(f"{run.scheduled_for:%H:%M}", run.status) for run in runs if run.trigger == trigger]


def test_a_spring_forward_night() -> None:
    with tock.testing.stack(night_agents, at="2027-03-28T00:50:00Z") as stack:
        fired = stack.advance("2h")

        assert stack.now == utc("2027-03-28T02:50")
        # 02:30 does not exist on this day; the clocks go from 02:00 to 03:00 at 01:00 UTC.
        assert times(fired, "half-past-two") == [("01:00", "succeeded")]
        assert times(fired, "each-hour") == [("01:00", "succeeded"), ("02:00", "succeeded")]
        assert times(fired, "interval") == [
            (f"{at}", "succeeded") for at in ("01:00", "01:20", "01:40", "02:00", "02:20", "02:40")
        ]
        [retried] = [run for run in fired if run.trigger == "flaky-night"]
        assert (retried.status, retried.result) == ("succeeded", "at last")
        first, second = retried.attempts
        assert second.started - first.started >= timedelta(minutes=20)
        # Approved by nobody, the first run waits, and the others are skipped for it.
        assert times(fired, "skips")[0] == ("01:00", "waiting")
        assert {status for _, status in times(fired, "skips")[1:]} == {"skipped"}
        # On time, although hours passed in seconds.
        assert {run.late for run in fired} == {False}
        assert all(run.started - run.scheduled_for < timedelta(minutes=1) for run in fired if run.started)
        _require_proofs(stack, since="2027-03-28T00:50:00Z")


def test_a_fall_back_night() -> None:
    with tock.testing.stack(night_agents, at="2027-10-30T23:50:00Z") as stack:
        fired = stack.advance_to("2027-10-31T02:10:00Z")

        # 02:30 comes twice, at 00:30 and 01:30 UTC; a fixed time runs once.
        assert times(fired, "half-past-two") == [("00:30", "succeeded")]
        assert times(fired, "each-hour") == [(f"{at}:00", "succeeded") for at in ("00", "01", "02")]
        _require_proofs(stack, since="2027-10-30T23:50:00Z")


def test_a_backlog_is_caught_up_by_policy() -> None:
    with tock.testing.stack(night_agents, at="2027-06-01T12:00:30Z") as stack:
        stack.advance("5m")

        late = stack.advance_to("2027-06-01T13:05:00Z", skip=True)

        ran = {
            name: [at for at, status in times(late, name) if status == "succeeded"]
            for name in ("latest", "all", "none")
        }
        assert ran["latest"] == ["13:00"]
        assert ran["all"] == ["12:40", "12:50", "13:00"]
        assert ran["none"] == []
        assert {run.late for run in late if run.trigger == "all" and run.status == "succeeded"} == {True}
        _require_proofs(stack, since="2027-06-01T12:00:30Z")
        # The next fire time is on time again.
        assert times(stack.advance("10m"), "latest") == [("13:10", "succeeded")]
        _require_proofs(stack, since="2027-06-01T12:00:30Z")


def test_the_clock_waits_for_a_run_and_says_which_one_it_gave_up() -> None:
    with tock.testing.stack("testing.slow_agent", at="2027-06-01T12:00:00Z") as stack:
        with pytest.raises(
            StillAtWork,
            match=r"(?s)stopped at 2027-06-01T12:01:0\d.*run \w+ of the project demo, attempt 1.*--patience",
        ):
            stack.advance("1h", patience="1s")
        assert stack.now < utc("2027-06-01T12:02:00")
        run, *_ = stack.runs("slow")
        assert run.status in {"queued", "running"}

        stack.client.runs.cancel(run.id)
        stack.advance("30s")

        assert stack.client.runs.get(run.id).status == "cancelled"


def test_wrong_arguments_are_named() -> None:
    with pytest.raises(InvalidArgument, match="at least one module"), tock.testing.stack([], at="2027-06-01T12:00:00Z"):
        pass
    with (
        pytest.raises(InvalidArgument, match="needs an offset"),
        tock.testing.stack(night_agents, at="2027-06-01T12:00"),
    ):
        pass


def _require_proofs(stack: tock.testing.Stack, *, since: str) -> None:
    for name in ("half-past-two", "each-hour", "interval", "latest", "all", "none", "skips"):
        proof = stack.proof(name, since=since)
        assert proof.holds, (name, proof)
