"""Where Tock's API is and who calls it: from arguments, the environment, or the local stack of this folder."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from tock.client.errors import InvalidArgument, NotConfigured
from tock.client.local_stack import StackFileDamaged, find_local_stack

_VISIBLE = re.compile(r"[!-~]*")


@dataclass(frozen=True, slots=True)
class Connection:
    """The server, project and key to use. Cloud Run also requires `identity_token` if the API is not open to all."""

    server: str
    #: Empty if only operations are called that need no project.
    project: str
    key: str = field(repr=False)
    identity_token: str = field(repr=False)

    @classmethod
    def found(
        cls,
        *,
        server: str | None,
        project: str | None,
        key: str | None,
        identity_token: str | None,
        environment: Mapping[str, str] = os.environ,
    ) -> "Connection":
        """Return what is given or, for each that is not, what the environment says.

        Without a server, it is the local stack in this folder or in a folder above it, with its project. Raises
        NotConfigured, InvalidArgument.
        """
        server = server or environment.get("TOCK_SERVER", "")
        project = project or environment.get("TOCK_PROJECT", "")
        local = {} if server else _local_stack()
        server = (server or local.get("api", "")).rstrip("/")
        if not server:
            remedy = "Start a local one with `tock dev`, or give its URL: server=URL or TOCK_SERVER=URL."
            raise NotConfigured("No server is known.", remedy=remedy)
        check_server(server)
        found = cls(
            server=server,
            project=project or local.get("project", ""),
            key=key or environment.get("TOCK_KEY", ""),
            identity_token=identity_token or environment.get("TOCK_IDENTITY_TOKEN", ""),
        )
        for name in ("key", "identity_token"):
            if _VISIBLE.fullmatch(getattr(found, name)) is None:
                remedy = "the value has characters other than visible ASCII, such as a space or a line break"
                raise InvalidArgument(field=name, value="(withheld)", remedy=remedy)
        return found

    @property
    def headers(self) -> dict[str, str]:
        """The headers that say who calls."""
        tokens = {"Authorization": self.key, "X-Serverless-Authorization": self.identity_token}
        return {name: f"Bearer {token}" for name, token in tokens.items() if token}


def _local_stack() -> Mapping[str, str]:
    try:
        return find_local_stack()
    except StackFileDamaged as exc:
        raise NotConfigured(str(exc), remedy=exc.remedy) from exc


def check_server(server: str) -> None:
    """Raise NotConfigured for what is not the URL of a web server."""
    try:
        url = httpx.URL(server)
    except httpx.InvalidURL as exc:
        # The text may hold a password, so it is not repeated.
        raise NotConfigured(f"The server is not a URL: {exc}.", remedy="Write https://HOST.") from exc
    if url.userinfo:
        raise NotConfigured(
            "The server's URL holds a user name or password.", remedy="Give the key with key= or TOCK_KEY."
        )
    if url.port is not None and not 0 < url.port < 1 << 16:
        raise NotConfigured(f"The server {server!r} has a port that is not from 1 to 65535.")
    if url.scheme not in {"http", "https"} or not url.host:
        remedy = f"Write http://{server} or https://{server}." if "://" not in server else "Write https://HOST."
        raise NotConfigured(f"The server {server!r} is not the URL of a web server.", remedy=remedy)
    if url.query or url.fragment:
        problem = f"The server {server!r} has a query or a fragment."
        raise NotConfigured(problem, remedy="Leave out what follows the path.")
