"""A process that replaces itself is gone, with whatever it has started."""

import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from executors.python.spawning_agents import kill, marked
from waiting import TIMEOUT

PROGRAM = Path(__file__).with_name("process_ending.py")


@pytest.mark.parametrize(("hindrance", "code"), [("none", -signal.SIGTERM), ("thread", 1), ("slow start", 1)])
def test_a_process_ends_itself_with_all_that_it_started(hindrance: str, code: int) -> None:
    mark = str(uuid.uuid4().int)[:12]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    try:
        ended = subprocess.run(
            [sys.executable, str(PROGRAM), mark, hindrance], env=environment, timeout=TIMEOUT, check=False
        )

        assert ended.returncode == code
        assert [process for process in marked(mark) if process != os.getpid()] == []
    finally:
        kill(mark)
