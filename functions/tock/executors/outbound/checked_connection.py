"""Connects to one of the addresses of a host that the guard has checked, whichever library speaks over it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from tock.executors.outbound.address_guard import AddressGuard

Stream = TypeVar("Stream")


async def checked_addresses(
    guard: AddressGuard, *, host: str, port: int, error: Callable[[str], Exception]
) -> Sequence[str]:
    """Resolve the host once, and return its addresses, of which the guard refuses none.

    Raises InvalidArgument if the guard refuses an address, and `error` if the host has none.
    """
    try:
        return await guard.addresses(host, port=port)
    except (OSError, UnicodeError) as exc:
        raise error(f"{host} cannot be resolved: {exc}") from exc


async def connect_checked(
    connect: Callable[..., Awaitable[Stream]],
    addresses: Sequence[str],
    *,
    passing: tuple[type[Exception], ...],
    others: tuple[Any, ...],
) -> Stream:
    """Connect to the first address that accepts a connection, with the arguments `others` besides.

    An error of the classes `passing` moves on to the next address; the last address's error is raised.
    """
    *earlier, last = addresses
    for address in earlier:
        try:
            return await connect(address, *others)
        except passing:
            continue
    return await connect(last, *others)
