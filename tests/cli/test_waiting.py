"""Waiting for a run on the command line: how it ends, and what the exit status says."""

import json

import pytest

from client.conftest import Hosted
from tock.cli.exit_status import ExitStatus
from tock.core.run.status import RunStatus
from tock_calls import Tock, copied, started

pytestmark = pytest.mark.anyio


async def test_waiting_ends_with_the_timeout_and_the_run_goes_on(tock: Tock) -> None:
    said = await tock("agents", "run", "digest", "--timeout", "PT0.1S", code=ExitStatus.STILL_ACTIVE)
    [run] = json.loads(await tock("runs", "list", "--json"))["runs"]

    assert f"Run {run['id']} is queued, and goes on. Follow it again: tock runs follow {run['id']}" in said
    assert run["status"] == "queued"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (RunStatus.SUCCEEDED, 0),
        (RunStatus.FAILED, 3),
        (RunStatus.TIMED_OUT, 4),
        (RunStatus.CANCELLED, 5),
        (RunStatus.SKIPPED, 6),
        (RunStatus.MISSED, 7),
    ],
)
async def test_the_exit_status_says_how_a_run_ended(
    tock: Tock,
    hosted: Hosted,
    status: RunStatus,
    code: int,
) -> None:
    run = await started(tock)
    await copied(hosted, run["id"], as_id="0123456789abcdef01234567", status=status)

    await tock("runs", "follow", "0123456789abcdef01234567", code=code)
    await tock("runs", "follow", "0123456789abcdef01234567", "--timeout", "1m", code=code)


async def test_a_length_that_is_none_is_a_usage_error_and_starts_nothing(tock: Tock) -> None:
    await tock("agents", "run", "digest", "--timeout", "soon", code=2)

    assert json.loads(await tock("runs", "list", "--json"))["runs"] == []
