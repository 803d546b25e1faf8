"""How much of what an agent's process prints is logged."""

import logging
from collections import Counter
from typing import Any

import pytest

from executors.recorder import Recorder
from tock.core.run.outcome import Succeeded
from tock.executors.python.agent_output import MAX_OUTPUT
from tock.executors.python.executor import PythonExecutor

pytestmark = pytest.mark.anyio
KIB = MAX_OUTPUT // 1024
MARK = "agent_output_truncated"


async def _run(function: str, context: Any, **config: str) -> Any:
    config = {"callable": f"executors.python.printing_agents:{function}", **config}
    return await PythonExecutor(modules=["executors.*"]).execute(config, context)


def _marks(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, int, int]]:
    return [
        (record.levelname, record.run, record.attempt, record.limit)
        for record in caplog.records
        if record.getMessage() == MARK
    ]


def _printed(caplog: pytest.LogCaptureFixture) -> Counter[str]:
    """Return how many bytes of each stream were logged, without the ends of lines."""
    counter: Counter[str] = Counter()
    for record in caplog.records:
        if record.name == "tock.agent" and record.getMessage() != MARK:
            counter[record.stream] += len(record.getMessage())
    return counter


@pytest.mark.parametrize("config", [{}, {"isolation": "process"}], ids=["plain", "isolated"])
async def test_an_agent_that_prints_without_end_works_on_and_the_rest_is_dropped(
    config: dict[str, str], recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    given = {"stdout": 3 * KIB}
    function = "prints_from_the_loop" if config else "prints"
    with caplog.at_level(logging.INFO, logger="tock.agent"):
        outcome = await _run(function, recorder.context(input=given), **config)

    assert outcome == Succeeded("done")
    assert recorder.events == [("printed", given)]
    assert _printed(caplog) == {"stdout": KIB * 1023}
    assert _marks(caplog) == [("WARNING", "run-1", 2, MAX_OUTPUT)]


async def test_both_streams_share_the_bound(recorder: Recorder, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="tock.agent"):
        await _run("prints", recorder.context(input={"stdout": KIB, "stderr": KIB - 1}))

    printed = _printed(caplog)
    assert sum(printed.values()) <= MAX_OUTPUT
    assert sum(printed.values()) > MAX_OUTPUT - 2 * KIB
    assert len(_marks(caplog)) == 1


async def test_a_line_without_an_end_is_cut_at_the_bound(recorder: Recorder, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="tock.agent"):
        await _run("prints_one_line", recorder.context(input={"stdout": 2 * KIB}))

    assert _printed(caplog) == {"stderr": len("before"), "stdout": MAX_OUTPUT - len("before\n")}
    assert len(_marks(caplog)) == 1


async def test_an_agent_that_prints_as_much_as_it_may_is_not_marked(
    recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="tock.agent"):
        await _run("prints", recorder.context(input={"stdout": KIB}))

    assert _printed(caplog) == {"stdout": KIB * 1023}
    assert _marks(caplog) == []


async def test_the_next_attempt_may_print_again(recorder: Recorder, caplog: pytest.LogCaptureFixture) -> None:
    await _run("prints", recorder.context(input={"stdout": 2 * KIB}))
    with caplog.at_level(logging.INFO, logger="tock.agent"):
        await _run("prints", recorder.context(input={"stdout": 1}, attempt=3))

    assert _printed(caplog) == {"stdout": 1023}
