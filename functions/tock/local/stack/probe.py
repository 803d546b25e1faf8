"""Whether a part of the stack answers."""

import asyncio
import contextlib

import httpx


async def listens(port: int) -> bool:
    """Whether something accepts connections on this port of 127.0.0.1."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


async def serves(url: str) -> bool:
    """Whether a function answers here: asked for a path that the Functions Framework answers without a call."""
    try:
        async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
            await client.get(f"{url}robots.txt")
    except httpx.HTTPError:
        return False
    return True
