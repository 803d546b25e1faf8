"""Calls Tock's API for the command line: sends one request and returns its JSON, or raises an error with a hint."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from tock.cli.local_stack import find_local_stack

TIMEOUT_SECONDS = 30


class CommandError(Exception):
    """A command failed; the message and `details`, further lines, tell the user why and what to do."""

    def __init__(self, message: str, *, details: tuple[str, ...] = ()) -> None:
        self.details = details
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Client:
    """The server, project and key to use. Cloud Run also requires `identity_token` if the API is not open to all."""

    server: str
    project: str
    key: str
    identity_token: str = ""

    @classmethod
    def found(cls, *, server: str, project: str, key: str, identity_token: str = "") -> "Client":
        """Return a client of the given server, or of the local stack in this folder or in a folder above it.

        Raises CommandError if there is no server or no project.
        """
        local = {} if server else find_local_stack()
        server = server or local.get("api", "")
        project = project or local.get("project", "")
        if not server:
            hint = "Start a local one with `tock dev`, or give its URL: --server URL or TOCK_SERVER=URL."
            raise CommandError("No server is known.", details=(hint,))
        if not project:
            raise CommandError("No project is given.", details=("Give its id: --project ID or TOCK_PROJECT=ID.",))
        return cls(server=server.rstrip("/"), project=project, key=key, identity_token=identity_token)

    def call(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        parameters: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Send one request and return its JSON; `path` is relative to the project, unless it starts with `/v1/`.

        Raises CommandError with the server's error message, or if the server does not answer.
        """
        url = self.server + (path if path.startswith("/v1/") else f"/v1/projects/{self.project}{path}")
        tokens = {"Authorization": self.key, "X-Serverless-Authorization": self.identity_token}
        sent = dict(headers or {}) | {name: f"Bearer {token}" for name, token in tokens.items() if token}
        given = {name: value for name, value in (parameters or {}).items() if value is not None}
        try:
            answer = httpx.request(
                method, url, json=body, params=given, headers=sent, timeout=TIMEOUT_SECONDS, trust_env=False
            )
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            hint = "Check that the server is running. `tock dev` starts a local one."
            raise CommandError(f"{self.server} does not answer: {exc}", details=(hint,)) from exc
        if answer.is_error:
            raise _refusal(answer)
        return dict(answer.json()) if answer.content else {}


def _refusal(answer: httpx.Response) -> CommandError:
    try:
        problem = answer.json()
    except ValueError:
        return CommandError(f"The server answered {answer.status_code}: {answer.text[:200]}")
    message = str(problem.get("detail") or problem.get("title") or answer.status_code)
    findings = (f"{error['field']}: {error['message']}" for error in problem.get("errors", []))
    return CommandError(message, details=tuple(finding for finding in findings if finding not in message))
