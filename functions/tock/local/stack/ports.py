"""Chooses the ports of a stack's processes, and reserves them among the stacks of this user."""

from pathlib import Path

from tock.local.errors import PortTaken
from tock.local.port_reservations import PortReservations
from tock.local.stack.function_environment import FUNCTIONS
from tock.local.tcp_ports import free_ports, is_free


def stack_ports(data: Path, *, api_port: int | None, reservations: PortReservations) -> dict[str, int]:
    """Return the port of each process: the same as at the last start, if it is free; the API's is `api_port`, if given.

    Raises:
        PortTaken: another process listens on `api_port`, or another stack has reserved it.
        OSError: the ports cannot be stored.
    """
    if api_port is not None and not (is_free(api_port) and reservations.reserve(api_port)):
        raise PortTaken(api_port)
    names = ("firestore", "cloud_tasks", *FUNCTIONS)
    ports = free_ports(names, memory=data / "ports.json", reserve=reservations.reserve)
    return ports if api_port is None else {**ports, "api": api_port}
