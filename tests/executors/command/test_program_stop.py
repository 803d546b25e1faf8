"""A command is really stopped, with everything that it started."""

import asyncio
import json
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from executors.command.deployment import executor, python, shell
from executors.python.processes import ends, runs
from executors.recorder import Recorder
from tock.core.run.outcome import Succeeded
from tock.executors.command.attempt import KEEP_STOPPED
from tock.executors.command.program import LONGEST_DRAIN
from tock.executors.kept_process.ending import GRACE
from tock.ports.executor import RunContext
from waiting import TIMEOUT, until

pytestmark = pytest.mark.anyio
CONFIG = {"command": "work"}
STUBBORN = {
    "it listens": shell(
        """trap 'echo bye; exit 0' TERM; echo "{\\"event\\": \\"pid\\", \\"data\\": $$}"; sleep 1000 & wait"""
    ),
    "it ignores the signal": python(
        "import signal, os, time; signal.signal(15, signal.SIG_IGN);"
        'print(\'{"event": "pid", "data": %d}\' % os.getpid()); time.sleep(1000)'
    ),
    "its child left its session": python(
        "import subprocess, time; child = subprocess.Popen(['sleep', '1000'], start_new_session=True);"
        'print(\'{"event": "pid", "data": %d}\' % child.pid); time.sleep(1000)'
    ),
}


@pytest.mark.parametrize("case", STUBBORN)
async def test_a_cancelled_attempt_is_really_stopped(
    case: str, tmp_path: Path, context: RunContext, recorder: Recorder
) -> None:
    task = asyncio.create_task(executor(tmp_path, STUBBORN[case]).execute(CONFIG, context))
    process = await recorder.first_event()
    assert runs(process)

    task.cancel()
    async with asyncio.timeout(TIMEOUT):
        with pytest.raises(asyncio.CancelledError):
            await task

    assert not runs(process)


def test_stopping_takes_five_seconds_at_most() -> None:
    assert timedelta(seconds=5) >= GRACE + LONGEST_DRAIN + KEEP_STOPPED


async def test_the_signal_reaches_the_whole_group_and_leaves_time_to_end(
    tmp_path: Path, context: RunContext, recorder: Recorder
) -> None:
    child = """
trap 'echo "{\\"event\\": \\"stopped\\"}"; exit' TERM
echo '{"event": "ready"}'
sleep 1000 &
wait
"""
    script = tmp_path / "child.sh"
    script.write_text(child, encoding="utf-8")
    task = asyncio.create_task(executor(tmp_path, shell(f"trap : TERM; sh {script}")).execute(CONFIG, context))
    await until(lambda: recorder.events)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert recorder.events == [("ready", None), ("stopped", None)]


async def test_nothing_that_a_command_leaves_outlives_the_attempt(
    tmp_path: Path, context: RunContext, recorder: Recorder
) -> None:
    code = shell("""setsid sleep 1000 & echo "{\\"event\\": \\"pid\\", \\"data\\": $!}" """)

    outcome = await executor(tmp_path, code).execute(CONFIG, context)

    assert outcome == Succeeded(None)
    assert ends(await recorder.first_event())


PARENT = """
import asyncio, json, sys
sys.path[:] = json.loads(sys.argv[1])
from pathlib import Path
from executors.command.deployment import executor
from executors.recorder import Recorder
class Printer(list):
    def append(self, event):
        print(event[1], flush=True)
context = Recorder(events=Printer()).context()
asyncio.run(executor(Path(sys.argv[2]), json.loads(sys.argv[3])).execute({"command": "work"}, context))
"""


def test_a_command_dies_with_its_killed_runner(tmp_path: Path) -> None:
    argv = STUBBORN["its child left its session"]
    command = [sys.executable, "-c", PARENT, json.dumps(sys.path), str(tmp_path), json.dumps(argv)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        process = int(parent.stdout.readline())
        assert runs(process)

        parent.send_signal(signal.SIGKILL)

        assert ends(process)
