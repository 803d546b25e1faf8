"""An executor of Agent2Agent servers with a deployment's configuration."""

from datetime import UTC, datetime
from typing import Any

from tock.executors.a2a.executor import A2aExecutor
from tock.ports.executor import RunContext

SECRETS = {"acme/TOKEN": "token-of-the-reviewer"}


def executor(*addresses: str, **options: Any) -> A2aExecutor:
    """Return an executor that may call these addresses of this machine."""
    given = {
        "allowed_hosts": addresses,
        "secrets": SECRETS,
        "now": lambda: datetime(2027, 3, 28, 12, tzinfo=UTC),
    }
    return A2aExecutor(**{**given, **options})


async def outcome_of(address: str, context: RunContext, **config: Any) -> Any:
    return await executor(address).execute({"url": f"http://{address}", **config}, context)
