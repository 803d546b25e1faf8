# Made from the file of this name in `_async` by `make client`: change that one.
"""The client: the groups of operations of Tock's API, for one server, project and caller."""

from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Self

import httpx

from tock.client._sync.agents import Agents
from tock.client._sync.functions import Functions
from tock.client._sync.health import DeploymentHealth
from tock.client._sync.keys import Keys
from tock.client._sync.own_triggers import OwnTriggers
from tock.client._sync.projects import Projects
from tock.client._sync.runs import Runs
from tock.client._sync.sender import Sender
from tock.client._sync.triggers import Triggers
from tock.client._sync.usage import Usage
from tock.client.connection import Connection
from tock.client.encoding import seconds_of


class Client:
    """Calls Tock's API.

    `server`, `project`, `key` and `identity_token` come from the arguments or, if they are not given, from
    TOCK_SERVER, TOCK_PROJECT, TOCK_KEY and TOCK_IDENTITY_TOKEN. `profile` names one that `tock login` stored. Without a
    server, it is that of the profile TOCK_PROFILE, else the local stack of this folder or of one above it, else the
    profile in use. Cloud Run needs an identity token if the API is not open to all.

    `timeout` is how long one request may take, in seconds. `retries` is how often a request is sent again that got no
    answer, or one that says that the server may answer later. That are only requests of which a second one does no
    more than the first: those that read, change a certain revision (`if_match`), or have an idempotency key, which the
    client makes for each request that takes one. `transport` replaces httpx's own, such as for a proxy. `on_answer` is
    called with each answer as the server sent it, also with one after which the request is sent again, such as for a
    log; the streams of events are left out.

    Raises NotConfigured and InvalidArgument. The methods raise TockClientError. One client may be used by several tasks
    or threads at once; close it, or use it in a `with` statement.
    """

    def __init__(
        self,
        server: str | None = None,
        *,
        project: str | None = None,
        key: str | None = None,
        identity_token: str | None = None,
        profile: str | None = None,
        timeout: timedelta | float = 30.0,
        retries: int = 3,
        transport: httpx.BaseTransport | None = None,
        on_answer: Callable[[httpx.Response], None] = lambda _: None,
    ) -> None:
        connection = Connection.found(
            server=server, project=project, key=key, identity_token=identity_token, profile=profile
        )
        self._http = httpx.Client(
            headers=connection.headers,
            timeout=seconds_of(timeout, field="timeout"),
            transport=transport,
            trust_env=False,
            follow_redirects=False,
        )
        sender = Sender(connection, http=self._http, retries=retries, on_answer=on_answer)
        #: Where the API is, and whose project is meant.
        self.server = connection.server
        self.project = connection.project
        self.projects = Projects(sender)
        self.keys = Keys(sender)
        self.runs = Runs(sender)
        self.agents = Agents(sender, runs=self.runs)
        self.triggers = Triggers(sender, runs=self.runs)
        self.own_triggers = OwnTriggers(sender)
        self.functions = Functions(sender, runs=self.runs)
        self.usage = Usage(sender)
        self.health = DeploymentHealth(sender)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.server} {self.project or '(no project)'}>"

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
