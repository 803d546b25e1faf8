"""What a key is, and whether it opens the project."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Commands that ask no server start faster without it.
    from tock.client._sync.client import Client


def problem_of(client: "Client") -> str | None:
    """Return why the client's key does not open its project, or None if it does."""
    from tock.client.errors import (  # noqa: PLC0415 - commands that ask no server start faster
        Forbidden,
        NotFound,
        TockClientError,
        Unauthenticated,
    )

    if not client.project:
        return "No project is given: --project ID or TOCK_PROJECT=ID."
    try:
        client.projects.get()
    except Unauthenticated:
        return f"{client.server} does not know this key: it is mistyped or revoked."
    except (NotFound, Forbidden):
        return f"The key does not open project {client.project!r}, or {client.server} has no such project."
    except TockClientError as exc:
        return exc.problem
    return None


def project_of(key: str) -> str:
    """Return the project that an API key names (`tock.PROJECT/KEY/SECRET`); empty for the admin key."""
    return key.removeprefix("tock.").split("/")[0] if _is_api_key(key) else ""


def described(key: str) -> str:
    """Return which key it is, without its secret."""
    if not key:
        return "none"
    return f"API key {key.split('/')[1]}" if _is_api_key(key) else "admin key"


def _is_api_key(key: str) -> bool:
    return key.startswith("tock.") and key.count("/") == 2  # noqa: PLR2004 - project, key and secret
