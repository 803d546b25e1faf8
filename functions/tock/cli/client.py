"""The API as the command line calls it: one request, its JSON, or an error that a person can act on."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

#: Where `tock dev` writes its address, below the folder it runs in.
LOCAL_STACK = Path(".tock/stack.json")
TIMEOUT_SECONDS = 30


class CommandError(Exception):
    """The server refused or could not be reached; `details` are further lines for a person."""

    def __init__(self, message: str, *, details: tuple[str, ...] = ()) -> None:
        self.details = details
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Client:
    """One server, one project, one key, and what Cloud Run asks for besides where not everybody may reach the API."""

    server: str
    project: str
    key: str
    identity_token: str = ""

    @classmethod
    def found(cls, *, server: str, project: str, key: str, identity_token: str = "") -> "Client":
        """Return the client that the options name, or else that of the stack running in this folder or one above it.

        Raises CommandError when neither names a server and a project.
        """
        local: dict[str, Any] = {}
        if not server and (address := _local_stack()) is not None:
            local = json.loads(address.read_text())
            server = str(local.get("api", ""))
        project = project or str(local.get("project", ""))
        if not server:
            hint = "Start one here with `tock dev`, or name one: --server URL or TOCK_SERVER=URL."
            raise CommandError("No server is known.", details=(hint,))
        if not project:
            raise CommandError("No project is named.", details=("Name one: --project ID or TOCK_PROJECT=ID.",))
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
        """Return the JSON answer to one request; `path` is below the project, or starts with `/v1/`.

        Raises CommandError with what the server said.
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
            hint = "Is it running? `tock dev` starts a local one."
            raise CommandError(f"{self.server} does not answer: {exc}", details=(hint,)) from exc
        if answer.is_error:
            raise _refusal(answer)
        return dict(answer.json()) if answer.content else {}


def _local_stack() -> Path | None:
    here = Path.cwd()
    return next((found for folder in (here, *here.parents) if (found := folder / LOCAL_STACK).is_file()), None)


def _refusal(answer: httpx.Response) -> CommandError:
    try:
        problem = answer.json()
    except ValueError:
        return CommandError(f"The server answered {answer.status_code}: {answer.text[:200]}")
    message = str(problem.get("detail") or problem.get("title") or answer.status_code)
    findings = (f"{error['field']}: {error['message']}" for error in problem.get("errors", []))
    return CommandError(message, details=tuple(finding for finding in findings if finding not in message))
