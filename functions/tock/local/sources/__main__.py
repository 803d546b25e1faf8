"""Reads definitions: `python -m tock.local.sources FOLDERS SOURCE…` writes one JSON object to standard output.

Modules of people run here, so whatever they do stays in a process of its own, and each reads the code anew.
"""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tock.executors.python.edited_modules import EditedModules, stamp_of
from tock.manifest.problem import DefinitionsRefused, Problem
from tock.manifest.read import is_file, read_definitions


def main(folders: Sequence[str], sources: Sequence[str]) -> None:
    """Write what the sources define, or what is wrong with them, and the files that this was read from."""
    with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8") as answer:
        # What modules print goes to the log.
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        # The files first: an edit while they are read must be noticed.
        files = {source: (source, stamp_of(source)) for source in sources if is_file(source)}
        edited = EditedModules(map(Path, folders))
        answer.write(json.dumps({**_found(sources), "files": {**files, **edited.files}}))


def _found(sources: Sequence[str]) -> dict[str, Any]:
    try:
        entries = read_definitions(sources, may_be_empty=True)
    except DefinitionsRefused as exc:
        return {"entries": [], "problems": [_problem(each) for each in exc.problems]}
    listed = [
        {
            "kind": entry.kind,
            "place": entry.place,
            "fields": {"id": entry.id, **entry.spec.model_dump(mode="json", exclude_defaults=True)},
        }
        for entry in entries
    ]
    return {"entries": listed, "problems": []}


def _problem(problem: Problem) -> str:
    return problem.traceback or problem.sentence


if __name__ == "__main__":
    main(sys.argv[1].split(os.pathsep), sys.argv[2:])
