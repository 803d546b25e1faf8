"""The agents of the upgrade tests: they work for a while and log which version of the code runs them."""

import asyncio
import json
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tock.ports.executor import RunContext

#: The environment variables with the folder of the log files and with the version of this process.
WORK_LOG = "TEST_WORK_LOG"
VERSION = "TEST_VERSION"


async def note(run: RunContext) -> str:
    """Log the start of the attempt, work for a while, and log the end."""
    with _logged(run) as version:
        await asyncio.sleep(_length(run))
    return version


async def stumble(run: RunContext) -> str:
    """Fail at the first attempt, once it has said what it consumed, if this version asks for that."""
    with _logged(run) as version:
        if hasattr(run, "usage"):
            run.usage(input_tokens=7, model="small")
        if run.attempt == 1:
            raise ConnectionError("The provider hung up.")
    return version


def note_in_a_process(run: RunContext) -> str:
    """Do the same in a child process, which it blocks."""
    with _logged(run) as version:
        time.sleep(_length(run))
    return version


def _length(run: RunContext) -> float:
    """Return how many seconds the attempt works: the first as the input says, later ones one second."""
    return float(run.input["seconds"]) if run.attempt == 1 else 1.0


@contextmanager
def _logged(run: RunContext) -> Iterator[str]:
    version = os.environ[VERSION]
    logged = Path(os.environ[WORK_LOG]) / f"{uuid.uuid4()}.json"
    entry = {"run": run.run, "attempt": run.attempt, "version": version}
    logged.write_text(json.dumps(entry))
    yield version
    logged.write_text(json.dumps(entry | {"ended": True}))
