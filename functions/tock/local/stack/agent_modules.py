"""The modules that agents may name: what the environment allows, and whether it can be imported."""

import asyncio
import contextlib
import difflib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tock.core.agent.allow_list import AllowList
from tock.local.errors import ModulesNotImportable, WrongEnvironment

_TIMEOUT_SECONDS = 60.0
#: How many files are searched for a module with a similar name.
_MAX_FILES = 2_000
#: Imports each module named on the command line and prints one JSON object for each that fails.
_PROGRAM = """
import importlib, json, sys, traceback
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except BaseException as exc:
        frames = traceback.extract_tb(exc.__traceback__)
        place = f"{frames[-1].filename}, line {frames[-1].lineno}" if frames else ""
        if isinstance(exc, SyntaxError):
            place = f"{exc.filename}, line {exc.lineno}"
        absent = exc.name if isinstance(exc, ModuleNotFoundError) else None
        text = f"{type(exc).__name__}: {exc.msg if isinstance(exc, SyntaxError) else exc}"
        print("\\n" + json.dumps({"module": name, "absent": absent, "error": text, "place": place}))
"""


def allow_list(variable: str, environment: Mapping[str, str]) -> AllowList:
    """Return the allow-list of a variable such as TOCK_PYTHON_MODULES. Raises WrongEnvironment."""
    try:
        return AllowList.parse(environment.get(variable, ""))
    except ValueError as exc:
        raise WrongEnvironment(f"{variable}: {exc}") from exc


async def require_importable(
    allowed: Iterable[str], *, folders: Sequence[Path], environment: Mapping[str, str]
) -> None:
    """Import every allowed module in a separate process, as the functions will.

    Args:
        allowed: entries of TOCK_PYTHON_MODULES, of all projects; for `acme.*` the package `acme` is imported.
        folders: the user's folders on the path, which the message names and where similar names are searched.
        environment: the functions' environment, including PYTHONPATH.

    Raises:
        ModulesNotImportable: at least one module fails; the message says for each why and what to do.
    """
    modules = list(dict.fromkeys(entry.removesuffix(".*") for entry in allowed))
    if not modules:
        return
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _PROGRAM, *modules),
        env=dict(environment),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), _TIMEOUT_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise ModulesNotImportable([f"importing {', '.join(modules)} took over {_TIMEOUT_SECONDS:g} s"]) from None
    if failures := list(_failures(output.decode(errors="replace"))):
        raise ModulesNotImportable([_sentence(failure, folders=folders) for failure in failures])


def _failures(output: str) -> Iterator[Mapping[str, Any]]:
    """Yield the program's JSON objects, without the modules' own output."""
    for line in output.splitlines():
        with contextlib.suppress(ValueError):
            found = json.loads(line)
            if isinstance(found, dict) and found.keys() == {"module", "absent", "error", "place"}:
                yield found


def _sentence(failure: Mapping[str, Any], *, folders: Sequence[Path]) -> str:
    module, absent = str(failure["module"]), failure["absent"]
    if absent is not None and f"{module}.".startswith(f"{absent}."):
        similar = difflib.get_close_matches(module, _modules_below(folders), n=1)
        hint = f"did you mean {similar[0]}?" if similar else "start `tock dev` in the folder that contains it"
        searched = "".join(f"in {folder} or " for folder in folders)
        return f"{module}: there is no such module {searched}on PYTHONPATH; check the spelling: {hint}"
    if absent is not None:
        return f"{module}: {failure['error']} ({failure['place']}); install it in this environment: {sys.prefix}"
    return f"{module}: {failure['error']} ({failure['place']})"


def _modules_below(folders: Sequence[Path]) -> set[str]:
    found: set[str] = set()
    for folder in folders:
        for pattern in ("*.py", "*/*.py", "*/*/*.py"):
            for file in folder.glob(pattern):
                parts = file.relative_to(folder).with_suffix("").parts
                found.add(".".join(part for part in parts if part != "__init__"))
                if len(found) >= _MAX_FILES:
                    return found
    return found
