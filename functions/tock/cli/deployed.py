"""Reads all agents and triggers of a project, page by page."""

from typing import Any

from tock.cli.client import Client
from tock.manifest.difference import Deployed
from tock.manifest.written import Kind

_PAGE = 100


def deployed(client: Client) -> Deployed:
    """Return what the project has. Raises CommandError."""
    agents, unreadable_agents = _all(client, "agents")
    triggers, unreadable_triggers = _all(client, "triggers")
    unreadable = {Kind.AGENT: unreadable_agents, Kind.TRIGGER: unreadable_triggers}
    return Deployed(agents=agents, triggers=triggers, unreadable=unreadable)


def _all(client: Client, name: str) -> tuple[list[dict[str, Any]], frozenset[str]]:
    found: list[dict[str, Any]] = []
    unreadable: set[str] = set()
    token: str | None = None
    while True:
        page = client.call("GET", f"/{name}", parameters={"page_size": _PAGE, "page_token": token})
        found += page[name]
        unreadable |= {each["id"] for each in page["unreadable"]}
        token = page["next_page_token"]
        if token is None:
            return found, frozenset(unreadable)
