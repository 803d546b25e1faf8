"""The stack of `tock dev --demo`, which the end-to-end tests share."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from end_to_end.running_stack import RunningStack
from waiting import TIMEOUT, result_of


@pytest.fixture(scope="session")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    folder = tmp_path_factory.mktemp("dev")
    with (folder / "output.txt").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tock.cli.main", "dev", "--demo", "--repo", str(Path(__file__).parents[2])],
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "TOCK_HEARTBEAT": "PT2S", "TOCK_LEASE": "PT6S"},
        )
    whereabouts = folder / ".tock" / "stack.json"
    try:
        result_of(lambda: whereabouts.exists() or process.poll() is not None)
        assert process.poll() is None, (folder / "output.txt").read_text()
        stack = json.loads(whereabouts.read_text())
        yield RunningStack(folder=folder, api=f"{stack['api']}/v1/projects/{stack['project']}", process=process)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(TIMEOUT)
