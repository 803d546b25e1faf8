"""The agents of the upgrade: they work for a while and leave a file that says which version ran them."""

import asyncio
import json
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tock.ports.executor import RunContext

#: The variables that name the folder of those files, and the version of this process.
DIARY = "TOCK_TEST_DIARY"
VERSION = "TOCK_TEST_VERSION"


async def note(run: RunContext) -> str:
    """Write down who begins which attempt, work for the seconds of the input, and write down the end."""
    with _noted(run) as version:
        await asyncio.sleep(run.input["seconds"])
    return version


def note_in_a_process(run: RunContext) -> str:
    """Do the same, blocking a process."""
    with _noted(run) as version:
        time.sleep(run.input["seconds"])
    return version


@contextmanager
def _noted(run: RunContext) -> Iterator[str]:
    version = os.environ[VERSION]
    begun = Path(os.environ[DIARY]) / f"{uuid.uuid4()}.json"
    said = {"run": run.run, "attempt": run.attempt, "version": version}
    begun.write_text(json.dumps(said))
    yield version
    begun.write_text(json.dumps(said | {"ended": True}))
