"""Reads all agents and triggers of a project, page by page."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from tock import Client
from tock.manifest.comparison.difference import Deployed
from tock.manifest.written import Kind

_PAGE = 100


def deployed(client: Client) -> Deployed:
    """Return what the project has. Raises TockClientError."""
    agents, triggers = client.agents.list(page_size=_PAGE), client.triggers.list(page_size=_PAGE)
    found = {Kind.AGENT: _as_written(agents), Kind.TRIGGER: _as_written(triggers)}
    unreadable = {
        kind: frozenset(each.id for each in listing.unreadable)
        for kind, listing in ((Kind.AGENT, agents), (Kind.TRIGGER, triggers))
    }
    return Deployed(agents=found[Kind.AGENT], triggers=found[Kind.TRIGGER], unreadable=unreadable)


def _as_written(resources: Iterable[BaseModel]) -> list[dict[str, Any]]:
    """Return resources as the API writes them."""
    return [each.model_dump(mode="json", by_alias=True) for each in resources]
