"""Calls of the http executor to a server whose response a test chooses."""

import ssl
import time
from datetime import UTC, datetime
from typing import Any

from executors.http.http_server import serving
from tock.executors.http.executor import HttpExecutor
from tock.ports.executor import RunContext

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#: Loading the public certificate authorities is slow, so the executors share them.
TLS = ssl.create_default_context()
NOON = datetime(2027, 3, 28, 12, tzinfo=UTC)


def real_now() -> datetime:
    """Return the real time, since the verifier refuses old signatures."""
    return datetime.fromtimestamp(time.time_ns() / 1e9, tz=UTC)


def executor(**options: Any) -> HttpExecutor:
    """Return an executor that may call this machine, with a fixed time."""
    given = {"allowed_hosts": ["127.0.0.1"], "secrets": {"acme/DIGEST": SECRET}, "now": lambda: NOON, "tls": TLS}
    return HttpExecutor(**{**given, **options})


async def answered(raw: bytes, context: RunContext) -> Any:
    """Return the outcome of a run whose agent sends this response, byte for byte."""
    async with serving(raw) as server:
        return await executor().execute({"url": f"http://127.0.0.1:{server.port}/run"}, context)
