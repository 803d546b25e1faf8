"""The agent of the upgrade: it works for a while and leaves a file that says which version ran it."""

import asyncio
import json
import os
import uuid
from pathlib import Path

from tock.ports.executor import RunContext

#: The variables that name the folder of those files, and the version of this process.
DIARY = "TOCK_TEST_DIARY"
VERSION = "TOCK_TEST_VERSION"


async def note(run: RunContext) -> str:
    """Write down who begins which attempt, work for the seconds of the input, and write down the end."""
    version = os.environ[VERSION]
    begun = Path(os.environ[DIARY]) / f"{uuid.uuid4()}.json"
    said = {"run": run.run, "attempt": run.attempt, "version": version}
    begun.write_text(json.dumps(said))
    await asyncio.sleep(run.input["seconds"])
    begun.write_text(json.dumps(said | {"ended": True}))
    return version
