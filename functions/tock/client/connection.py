"""Where Tock's API is and who calls it: from arguments, the environment, a profile, or this folder's local stack."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from tock.client.errors import InvalidArgument, NotConfigured
from tock.client.local_stack import LocalStack, StackFileDamaged, find_local_stack
from tock.client.profiles import Profiles, stored_profiles

#: The environment variable of each part.
_VARIABLES = {"server": "TOCK_SERVER", "project": "TOCK_PROJECT", "key": "TOCK_KEY"}
_VISIBLE = re.compile(r"[!-~]*")


@dataclass(frozen=True, slots=True)
class Connection:
    """The server, project and key to use. Cloud Run also requires `identity_token` if the API is not open to all."""

    server: str
    #: Empty if only operations are called that need no project.
    project: str
    key: str = field(repr=False)
    identity_token: str = field(repr=False)
    #: Where the server, the project and the key come from, by their names, such as `TOCK_SERVER`.
    sources: Mapping[str, str] = field(default_factory=dict, compare=False)

    @classmethod
    def found(
        cls,
        *,
        server: str | None,
        project: str | None,
        key: str | None,
        identity_token: str | None,
        profile: str | None = None,
        environment: Mapping[str, str] = os.environ,
    ) -> "Connection":
        """Return what is given or, for each part that is not, what the environment says.

        `profile` names a stored profile, whose parts come before the environment. Without any server, it is that of the
        profile that TOCK_PROFILE names, else the local stack in this folder or in a folder above it, else the profile
        in use; from there come the project and the key too, unless they are given. A stored key is sent to no other
        server than its own. An empty key or identity token says that there is none.

        Raises NotConfigured, InvalidArgument.
        """
        if profile and server:
            remedy = "names a server of its own, and another one is given: leave out one of them"
            raise InvalidArgument(field="profile", value=profile, remedy=remedy)
        given = {"server": server, "project": project, "key": key}
        # An empty key says that there is none.
        found = {
            name: (value, _source(name, value, environment))
            for name, value in given.items()
            if value or (value == "" and name == "key")
        }
        if profile:
            found = _of_profile(profile, stored_profiles(environment)) | found
        variables = {name: (environment.get(variable, ""), variable) for name, variable in _VARIABLES.items()}
        found = {name: value for name, value in variables.items() if value[0]} | found
        if "server" not in found:
            found = _without_server(environment) | found
        if "server" not in found:
            remedy = "Start a local one with `tock dev`, give its URL (server=URL or TOCK_SERVER=URL), or `tock login`."
            raise NotConfigured("No server is known.", remedy=remedy)
        server = found["server"][0]
        check_server(server)
        connection = cls(
            server=server.rstrip("/"),
            project=found.get("project", ("", ""))[0],
            key=found.get("key", ("", ""))[0],
            identity_token=environment.get("TOCK_IDENTITY_TOKEN", "") if identity_token is None else identity_token,
            sources={name: source for name, (_, source) in found.items()},
        )
        for name in ("key", "identity_token"):
            if _VISIBLE.fullmatch(getattr(connection, name)) is None:
                remedy = "the value has characters other than visible ASCII, such as a space or a line break"
                raise InvalidArgument(field=name, value="(withheld)", remedy=remedy)
        return connection

    @property
    def headers(self) -> dict[str, str]:
        """The headers that say who calls."""
        tokens = {"Authorization": self.key, "X-Serverless-Authorization": self.identity_token}
        return {name: f"Bearer {token}" for name, token in tokens.items() if token}


def _source(name: str, value: str, environment: Mapping[str, str]) -> str:
    """Return where an argument comes from: the command line gives the client what a variable says."""
    variable = _VARIABLES[name]
    return variable if environment.get(variable) == value else "argument"


def _without_server(environment: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return the server, the project and the key to use if no server is given, each with its source."""
    if named := environment.get("TOCK_PROFILE"):
        return _of_profile(named, stored_profiles(environment))
    if (local := _local_stack()) is not None:
        source = "the local stack of this folder"
        return {"server": (local.api, source), "project": (local.project, source)}
    profiles = stored_profiles(environment)
    return {} if profiles.in_use is None else _of_profile(profiles.in_use, profiles)


def _of_profile(name: str, profiles: Profiles) -> dict[str, tuple[str, str]]:
    profile = profiles.named(name)
    parts = {"server": profile.server, "project": profile.project, "key": profile.key}
    return {part: (value, f"profile {name}") for part, value in parts.items() if value}


def _local_stack() -> LocalStack | None:
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
