"""Chooses free ports of 127.0.0.1 for the processes of a stack; after a restart the same ones, if they are free."""

import hashlib
import json
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from tock.local.durable_file import replace_file

#: The range of ports, below 32768, from which on Linux gives ports to outgoing connections.
_FIRST, _COUNT = 20_000, 12_000


def free_ports(
    names: Iterable[str], *, memory: Path, reserve: Callable[[int], bool] = lambda _port: True
) -> dict[str, int]:
    """Return a different free port for each name, and store the ports in the JSON file `memory`.

    A name gets its stored port; if there is none or it is in use, a port derived from the name and the file's path; if
    that is in use, the next free port. A port for which `reserve` returns False counts as in use.

    Raises:
        OSError: `memory` cannot be written.
    """
    remembered = _remembered(memory)
    ports: dict[str, int] = {}
    with ExitStack() as held:
        for name in names:
            for port in _choices(name, remembered=remembered, memory=memory):
                listener = _bound(port)
                if listener is None:
                    continue
                held.enter_context(listener)
                if reserve(port):
                    ports[name] = port
                    break
    memory.parent.mkdir(parents=True, exist_ok=True)
    replace_file(memory, text=json.dumps(remembered | ports, indent=2, sort_keys=True) + "\n")
    return ports


def _remembered(memory: Path) -> dict[str, int]:
    """Return the ports in the file, or none if the file is missing or has another format."""
    try:
        held = json.loads(memory.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    if not isinstance(held, Mapping):
        return {}
    return {str(name): port for name, port in held.items() if type(port) is int and 0 < port < 1 << 16}


def _choices(name: str, *, remembered: Mapping[str, int], memory: Path) -> Iterator[int]:
    if name in remembered:
        yield remembered[name]
    derived = int(hashlib.sha256(f"{memory.resolve()} {name}".encode()).hexdigest(), 16)
    for step in range(_COUNT):
        yield _FIRST + (derived + step) % _COUNT


def _bound(port: int) -> socket.socket | None:
    listener = socket.socket()
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
    except OSError:
        listener.close()
        return None
    return listener


def is_free(port: int) -> bool:
    """Whether no process listens on this port of 127.0.0.1."""
    listener = _bound(port)
    if listener is None:
        return False
    listener.close()
    return True


def unused_port() -> int:
    """Return a random port that was free a moment ago, for a process that needs no fixed port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
