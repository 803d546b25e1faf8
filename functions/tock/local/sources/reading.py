"""Reads the sources in a process of its own."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tock.executors.python.edited_modules import Stamp, stamp_of
from tock.local.sources.named import Sources
from tock.local.stack.function_environment import process_environment
from tock.manifest.entry import Entry, checked
from tock.manifest.written import Kind, Written

#: How long modules may take to be imported.
_TIMEOUT_SECONDS = 60.0
#: What the process writes at most, in bytes.
_MOST = 64 * 1024 * 1024
#: The name of the process in the log.
_NAME = "modules"


@dataclass(frozen=True, slots=True)
class Found:
    """What sources define, or what is wrong with them; and the files that this was read from, as they were before."""

    entries: tuple[Entry, ...]
    #: Sentences and tracebacks.
    problems: tuple[str, ...]
    #: By module or file as it was named: its path, and what it was like before it was read.
    files: Mapping[str, tuple[str, Stamp | None]]

    def after(self, earlier: "Found") -> "Found":
        """Return this, with the files as they were found before if the process ended without naming any."""
        return self if self.files else replace(self, files=earlier.files)

    def as_now(self) -> "Found":
        """Return this, with the files as they are now: they are about to be read."""
        return replace(self, files={name: (file, stamp_of(file)) for name, (file, _) in self.files.items()})

    def edited(self) -> tuple[str, ...]:
        """Return the modules and files that are no longer as they were."""
        return tuple(name for name, (file, stamp) in self.files.items() if stamp_of(file) != stamp)


async def read(sources: Sources, *, log: Callable[[str, str], None]) -> Found:
    """Return what the sources define now; nothing without sources. `log` gets what modules print, as (name, line)."""
    if not sources.names:
        return Found(entries=(), problems=(), files={})
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tock.local.sources", os.pathsep.join(map(str, sources.folders)), *sources.names),
        env=process_environment(sources.folders),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=_MOST,
    )
    try:
        output, printed = await asyncio.wait_for(process.communicate(), _TIMEOUT_SECONDS)
    except TimeoutError:
        return _failed(f"{', '.join(sources.names)}: the import takes more than {_TIMEOUT_SECONDS:g} s")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    lines = printed.decode(errors="replace").splitlines()
    for line in lines:
        log(_NAME, line)
    try:
        answer = json.loads(output)
    except ValueError:
        # A module ended the process, or broke the interpreter.
        last = f": {lines[-1]}" if lines else ""
        return _failed(f"{', '.join(sources.names)}: the import ended Python with status {process.returncode}{last}")
    return _found(answer)


def _failed(problem: str) -> Found:
    return Found(entries=(), problems=(problem,), files={})


def _found(answer: Mapping[str, Any]) -> Found:
    entries: list[Entry] = []
    problems = list(answer["problems"])
    for each in answer["entries"]:
        found = checked(Written(Kind(each["kind"]), each["fields"], place=lambda _, place=each["place"]: place))  # type: ignore[misc]
        if isinstance(found, Entry):
            entries.append(found)
        else:
            problems += (problem.sentence for problem in found)
    files = {name: (file, None if stamp is None else tuple(stamp)) for name, (file, stamp) in answer["files"].items()}
    return Found(entries=tuple(entries), problems=tuple(problems), files=files)
