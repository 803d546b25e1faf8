"""A chaos that is broken off: it says so, keeps what there is, and leaves no process behind, not even a stopped one."""

import os
import shutil
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from waiting import TIMEOUT, result_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the processes left are looked for in /proc"),
]

INCONCLUSIVE = 2
#: The seed of a plan that begins with a stop.
STOPS_EARLY = 24


def _with(mark: str) -> set[int]:
    """The processes whose environment has the word."""
    found = set()
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and mark.encode() in (entry / "environ").read_bytes():
                found.add(int(entry.name))
        except OSError:
            continue
    return found


def test_a_signal_ends_it_while_a_process_is_stopped() -> None:
    mark = f"tock-test-{uuid.uuid4()}"
    with subprocess.Popen(
        [sys.executable, "-m", "chaos", "--minutes", "3", "--triggers", "10", "--seed", str(STOPS_EARLY)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "TOCK_TEST_MARK": mark},
        stdout=subprocess.PIPE,
        text=True,
    ) as chaos:
        assert chaos.stdout is not None
        data = Path(chaos.stdout.readline().split()[-1])
        try:
            assert any(line.startswith(" ") and "stop" in line.split() for line in chaos.stdout)
            assert len(_with(mark)) > 10

            chaos.send_signal(signal.SIGINT)

            said = chaos.stdout.read()
            assert chaos.wait(timeout=TIMEOUT) == INCONCLUSIVE
            assert "inconclusive: SIGINT" in said
            assert str(data) in said
            assert (data / "log.txt").exists()
            result_of(lambda: not _with(mark))
        finally:
            chaos.kill()
            shutil.rmtree(data)
