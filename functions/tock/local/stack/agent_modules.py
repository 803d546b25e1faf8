"""Whether the modules that agents may name can be imported, found out before anything is started."""

import asyncio
import difflib
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tock.local.errors import ModulesNotImportable

_TIMEOUT_SECONDS = 60.0
#: The most files that are looked at for a module with a similar name.
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


async def require_importable(allowed: Iterable[str], *, path: Sequence[Path], environment: Mapping[str, str]) -> None:
    """Import every allowed module in a process of its own, as the functions will.

    Args:
        allowed: entries of TOCK_PYTHON_MODULES; of `acme.*` the package `acme` is imported.
        path: folders that Python searches before those of PYTHONPATH.
        environment: the functions' environment.

    Raises:
        ModulesNotImportable: at least one module fails; the text names each with its reason and a remedy.
    """
    modules = [entry.removesuffix(".*") for entry in allowed]
    if not modules:
        return
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _PROGRAM, *modules),
        env={**environment, "PYTHONPATH": python_path(path, environment=environment)},
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
    failures = [
        json.loads(line) for line in output.decode(errors="replace").splitlines() if line.startswith('{"module"')
    ]
    if failures:
        raise ModulesNotImportable([_sentence(failure, path=path) for failure in failures])


def python_path(path: Sequence[Path], *, environment: Mapping[str, str]) -> str:
    """Return the PYTHONPATH of a function: these folders, then those that the environment names."""
    return os.pathsep.join(filter(None, [*map(str, path), environment.get("PYTHONPATH")]))


def _sentence(failure: Mapping[str, Any], *, path: Sequence[Path]) -> str:
    module, absent = str(failure["module"]), failure["absent"]
    if absent is not None and f"{module}.".startswith(f"{absent}."):
        similar = difflib.get_close_matches(module, _modules_below(path), n=1)
        hint = f"did you mean {similar[0]}?" if similar else "start `tock dev` in the folder that contains it"
        searched = ", ".join(map(str, path))
        return f"{module}: there is no such module in {searched} or on PYTHONPATH; check the spelling: {hint}"
    if absent is not None:
        return f"{module}: {failure['error']} ({failure['place']}); install it in this environment: {sys.prefix}"
    return f"{module}: {failure['error']} ({failure['place']})"


def _modules_below(path: Sequence[Path]) -> set[str]:
    found: set[str] = set()
    for folder in path:
        for pattern in ("*.py", "*/*.py", "*/*/*.py"):
            for file in folder.glob(pattern):
                parts = file.relative_to(folder).with_suffix("").parts
                found.add(".".join(part for part in parts if part != "__init__"))
                if len(found) >= _MAX_FILES:
                    return found
    return found
