"""An http executor as tests call it, and its calls to a server that answers as told."""

import ssl
import time
from datetime import UTC, datetime
from typing import Any

from executors.http.http_server import serving
from tock.executors.http.executor import HttpExecutor
from tock.ports.executor import RunContext

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#: Loading the public authorities takes a while, so the executors share them.
TLS = ssl.create_default_context()
NOON = datetime(2027, 3, 28, 12, tzinfo=UTC)


def real_now() -> datetime:
    """The real time, since a verifier refuses a signature of another day."""
    return datetime.fromtimestamp(time.time_ns() / 1e9, tz=UTC)


def executor(**options: Any) -> HttpExecutor:
    """An executor that may call this machine, at a time of its own."""
    given = {"allowed_hosts": ["127.0.0.1"], "secrets": {"acme/DIGEST": SECRET}, "now": lambda: NOON, "tls": TLS}
    return HttpExecutor(**{**given, **options})


async def answered(raw: bytes, context: RunContext) -> Any:
    """What comes of a run whose agent answers so, byte for byte."""
    async with serving(raw) as server:
        return await executor().execute({"url": f"http://127.0.0.1:{server.port}/run"}, context)
