# Made from the file of this name in `_async` by `make client`: change that one.
"""The state of a deployment's scheduler."""

from tock.client._sync.sender import Sender
from tock.client.answer import health_of
from tock.client.request import path_of, request
from tock.web.resources.health import Health


class DeploymentHealth:
    """The scheduler's state."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def get(self) -> Health:
        """Return whether triggers fire; needs neither a key nor a project."""
        return health_of(self._sender.answer(request("GET", path_of("health"))), server=self._sender.server)
