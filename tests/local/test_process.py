"""Processes of the local stack: output, restarts, and an end of the whole group."""

import asyncio
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tock.local.errors import StartFailed
from tock.local.process import Process, Restart
from waiting import TIMEOUT, until

pytestmark = pytest.mark.anyio

#: A program with a child of its own, as gunicorn has its workers; it tells both ids.
FAMILY = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("family", child.pid, flush=True)
time.sleep(600)
"""

#: A supervisor that tells the id of its child once the child runs.
PARENT = """
import asyncio, os, sys
from tock.local.process import Process
child = [sys.executable, "-c", "import time; print(1, flush=True); time.sleep(600)"]
async def main():
    tell = lambda name, text: print(process.pid, flush=True)
    process = Process("it", command=child, environment=os.environ, log=tell)
    await process.start()
    await process.ended()
asyncio.run(main())
"""


async def test_lines_of_both_streams_come_with_the_name(lines: list[tuple[str, str]]) -> None:
    process = _python(
        "print('out', flush=True); import sys; print('err', file=sys.stderr); print('half', end='')", lines
    )

    await process.start()
    code = await process.ended()

    assert code == 0
    assert lines == [("it", "out"), ("it", "err"), ("it", "half")]


async def test_a_very_long_line_is_cut_and_nothing_is_lost(lines: list[tuple[str, str]]) -> None:
    process = _python("print('x' * 3_000_000); print('after')", lines)

    await process.start()
    await process.ended()

    assert "".join(text for _, text in lines) == "x" * 3_000_000 + "after"
    assert lines[-1] == ("it", "after")
    assert max(len(text) for _, text in lines) < 1_000_000


async def test_stop_ends_the_whole_group(lines: list[tuple[str, str]]) -> None:
    process = _python(FAMILY, lines)
    await process.start()
    child = await _child(lines)
    pid = process.pid

    await process.stop()

    assert pid is not None
    assert process.pid is None
    assert not _alive(pid)
    await until(lambda: not _alive(child))


async def test_a_process_deaf_to_sigterm_is_killed_after_the_grace(lines: list[tuple[str, str]]) -> None:
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    process = _python(deaf, lines, grace=timedelta(milliseconds=300))
    await process.start()
    await until(lambda: ("it", "deaf") in lines)

    await process.stop()

    assert await process.ended() == -signal.SIGKILL
    assert lines[-1] == ("it", "did not stop within 0.3 s and was killed")


async def test_a_killed_process_is_started_again_without_its_old_group(lines: list[tuple[str, str]]) -> None:
    process = _python(FAMILY, lines, restart=Restart(first=timedelta(milliseconds=10)))
    await process.start()
    first, child = process.pid, await _child(lines)
    assert first is not None

    os.kill(first, signal.SIGKILL)
    await until(lambda: process.pid not in {None, first} and len(lines) == 3)

    assert lines[1] == ("it", "ended with SIGKILL; starts again in 0.01 s")
    assert process.restarts == 1
    await until(lambda: not _alive(child))
    await process.stop()
    assert process.pid is None


async def test_stop_during_the_wait_for_a_restart_starts_nothing(lines: list[tuple[str, str]]) -> None:
    process = _python(
        "raise SystemExit(3)", lines, restart=Restart(first=timedelta(hours=1), longest=timedelta(hours=1))
    )
    await process.start()
    await until(lambda: lines == [("it", "ended with exit code 3; starts again in 3600 s")])

    await process.stop()

    assert await process.ended() == 3


async def test_a_part_that_dies_before_it_answers_fails_with_what_it_said(lines: list[tuple[str, str]]) -> None:
    process = _python("raise SystemExit('no such port')", lines, restart=Restart())
    await process.start()

    with pytest.raises(StartFailed, match=r"it ended\. Its output:\n  no such port"):
        await process.answers(_never, timeout=timedelta(seconds=TIMEOUT))

    await process.stop()


async def test_an_answer_counts_only_while_the_process_lives_because_another_may_have_its_port(
    lines: list[tuple[str, str]],
) -> None:
    process = _python("raise SystemExit('port taken')", lines)
    await process.start()

    async def somebody_answers() -> bool:
        await process.ended()
        return True

    with pytest.raises(StartFailed, match=r"it ended\. Its output:\n  port taken"):
        await process.answers(somebody_answers, timeout=timedelta(seconds=TIMEOUT))


async def test_a_part_that_stays_silent_fails(lines: list[tuple[str, str]]) -> None:
    process = _python("import time; time.sleep(600)", lines)
    await process.start()

    with pytest.raises(StartFailed, match=r"did not answer within 0\.2 s"):
        await process.answers(_never, timeout=timedelta(milliseconds=200))

    await process.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
async def test_a_child_dies_when_its_parent_is_killed(tmp_path: Path) -> None:
    parent = tmp_path / "parent.py"
    parent.write_text(PARENT)
    run = await asyncio.create_subprocess_exec(
        *(sys.executable, str(parent)),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert run.stdout is not None
    child = int(await run.stdout.readline())

    run.kill()
    await run.communicate()

    await until(lambda: not _alive(child))


@pytest.mark.parametrize(
    ("deaths", "delay"),
    [(1, 0.2), (2, 0.4), (5, 3.2), (9, 30), (5000, 30)],
)
def test_restarts_come_slower_up_to_a_limit(deaths: int, delay: float) -> None:
    assert Restart().delay(deaths) == timedelta(seconds=delay)


@pytest.fixture
def lines() -> list[tuple[str, str]]:
    return []


def _python(
    code: str,
    lines: list[tuple[str, str]],
    *,
    restart: Restart | None = None,
    grace: timedelta = timedelta(seconds=10),
) -> Process:
    return Process(
        "it",
        command=[sys.executable, "-c", code],
        environment=os.environ,
        log=lambda name, text: lines.append((name, text)),
        restart=restart,
        grace=grace,
    )


async def _child(lines: list[tuple[str, str]]) -> int:
    await until(lambda: any(text.startswith("family") for _, text in lines))
    return int(lines[-1][1].split()[1])


async def _never() -> bool:
    return False


def _alive(pid: int) -> bool:
    """Whether the process runs; one that waits for its parent to notice its end (Z) does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
