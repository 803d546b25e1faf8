"""The state of a deployment's scheduler."""

from tock.client._async.sender import AsyncSender
from tock.client.answer import health_of
from tock.client.request import path_of, request
from tock.web.resources.health import Health


class AsyncDeploymentHealth:
    """The scheduler's state."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    async def get(self) -> Health:
        """Return whether triggers fire; needs neither a key nor a project."""
        return health_of(await self._sender.answer(request("GET", path_of("health"))), server=self._sender.server)
