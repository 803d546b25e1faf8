"""Runs the rounds of a benchmark in a process without children, as a deployed function is.

The executor of async agents looks for the processes that an agent has left, and so for all children of its process.
The emulators are children of the process that starts them, so this must not be the one that is measured.
"""

import asyncio
import json
import sys
from typing import Any


async def said_by(module: str, *arguments: str) -> Any:
    """Run a module in a new process, and return the JSON that it writes. Raises RuntimeError if it fails."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await child.communicate()
    if child.returncode:
        raise RuntimeError(f"the rounds of {module} could not be measured")
    return json.loads(said)
