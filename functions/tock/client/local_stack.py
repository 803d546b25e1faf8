"""Finds the local stack to talk to when no server is given: `tock dev` writes its address here."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: The file with the address, relative to the folder that `tock dev` runs in.
ADDRESS_FILE = Path(".tock/stack.json")


@dataclass(frozen=True, slots=True)
class LocalStack:
    """A local stack that runs."""

    #: The API's URL, and the id of the project.
    api: str
    project: str
    #: The file of the stack's own clock (`tock.bootstrap.moved_clock`); None if it goes by the machine's.
    clock: Path | None


class StackFileDamaged(Exception):
    """The file with the address of a local stack cannot be used."""

    def __init__(self, file: Path, *, problem: str) -> None:
        folder = file.parents[1]
        self.remedy = f"Stop `tock dev` in {folder} and start it again, or give the server's URL."
        super().__init__(f"{file}, which holds the address of the local stack, {problem}.")


def find_local_stack() -> LocalStack | None:
    """Return the stack of this folder or of a folder above it; None if none runs there. Raises StackFileDamaged."""
    here = Path.cwd()
    files = (folder / ADDRESS_FILE for folder in (here, *here.parents))
    found = next((file for file in files if file.is_file()), None)
    return None if found is None else _read(found)


def _read(file: Path) -> LocalStack:
    try:
        address: Any = json.loads(file.read_text(encoding="utf-8"))
    except OSError as exc:
        raise StackFileDamaged(file, problem=f"cannot be read: {exc.strerror or exc}") from exc
    except (ValueError, RecursionError) as exc:
        raise StackFileDamaged(file, problem="is damaged") from exc
    if not isinstance(address, dict) or not all(isinstance(address.get(name), str) for name in ("api", "project")):
        raise StackFileDamaged(file, problem="is damaged")
    # The file names the clock as `tock dev` saw it, from the folder that it runs in.
    movable = address.get("movable")
    clock = movable.get("clock") if isinstance(movable, dict) else None
    own = file.parents[1] / clock if isinstance(clock, str) else None
    return LocalStack(address["api"], address["project"], clock=own)
