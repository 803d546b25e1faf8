"""Checks whether a process of the stack answers."""

import asyncio
import contextlib

import httpx


async def listens(port: int) -> bool:
    """Whether a process accepts connections on this port of 127.0.0.1."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


async def serves(url: str) -> bool:
    """Whether a function answers at this URL: its framework answers the path without calling the function."""
    try:
        async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
            await client.get(f"{url}robots.txt")
    except httpx.HTTPError:
        return False
    return True
