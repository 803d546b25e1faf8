"""Finds the local stack to talk to when no server is given: `tock dev` writes its address here."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: The file with the address, in the folder in which `tock dev` stores its data.
ADDRESS_FILE = "stack.json"
#: That folder, unless `--data` names another one, in the folder that `tock dev` runs in.
DATA = Path(".tock")


@dataclass(frozen=True, slots=True)
class LocalStack:
    """A local stack that runs."""

    #: The API's URL, and the id of the project.
    api: str
    project: str
    #: The file of the stack's own clock (`tock.bootstrap.moved_clock`); None if it goes by the machine's.
    clock: Path | None
    #: What moving that clock takes (`tock.local.clock.advance.MovableStack`), as the file has it.
    movable: Any
    #: host:port of its Cloud Tasks emulator, and the whole names of its queues; none if it does not tell.
    cloud_tasks: str
    queues: tuple[str, ...]


class StackFileDamaged(Exception):
    """The file with the address of a local stack cannot be used."""

    def __init__(self, file: Path, *, problem: str) -> None:
        folder = file.parents[1]
        self.remedy = f"Stop `tock dev` in {folder} and start it again, or give the server's URL."
        super().__init__(f"{file}, which holds the address of the local stack, {problem}.")


def find_local_stack() -> LocalStack | None:
    """Return the stack of this folder or of a folder above it; None if none runs there. Raises StackFileDamaged."""
    data = find_data()
    return None if data is None else stack_of(data)


def find_data() -> Path | None:
    """Return the folder in which the stack of this folder, or of one above it, stores its data; None if none runs."""
    here = Path.cwd()
    folders = (folder / DATA for folder in (here, *here.parents))
    return next((data for data in folders if (data / ADDRESS_FILE).is_file()), None)


def stack_of(data: Path) -> LocalStack:
    """Return the stack that stores its data in this folder. Raises StackFileDamaged."""
    file = data / ADDRESS_FILE
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
    return LocalStack(
        address["api"],
        address["project"],
        clock=own,
        movable=movable,
        cloud_tasks=str(address.get("cloud_tasks", "")),
        queues=tuple(map(str, address.get("queues", ()))),
    )
