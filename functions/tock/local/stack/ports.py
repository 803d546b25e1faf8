"""Chooses the ports of a stack's processes, and reserves them among the stacks of this user."""

from pathlib import Path

from tock.local.errors import PortTaken
from tock.local.port_reservations import PortReservations
from tock.local.stack.function_environment import FUNCTIONS
from tock.local.tcp_ports import free_ports, is_free

#: The API's port of `tock dev`, if it is free: TOCK on the keys of a telephone.
PORT = 8625


def stack_ports(
    data: Path, *, api_port: int | None, preferred_api_port: int | None = None, reservations: PortReservations
) -> dict[str, int]:
    """Return the port of each process: the same as at the last start, if it is free.

    The API's is `api_port`, if given; else `preferred_api_port`, if given and free.

    Raises:
        PortTaken: another process listens on `api_port`, or another stack has reserved it.
        OSError: the ports cannot be stored.
    """
    wanted = preferred_api_port if api_port is None else api_port
    if wanted is not None and not (is_free(wanted) and reservations.reserve(wanted)):
        if api_port is not None:
            raise PortTaken(api_port)
        wanted = None
    names = ("firestore", "cloud_tasks", *FUNCTIONS)
    ports = free_ports(names, memory=data / "ports.json", reserve=reservations.reserve)
    return ports if wanted is None else {**ports, "api": wanted}
