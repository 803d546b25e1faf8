"""What the routes of an application say of a path."""

from collections.abc import Iterable

from starlette.routing import BaseRoute, Match, Route


def methods_at(path: str, *, routes: Iterable[BaseRoute]) -> set[str]:
    """Return the methods of every route of this path; Starlette itself names only those of the first one."""
    scope = {"type": "http", "method": "GET", "path": path, "root_path": ""}
    matching = [route for route in routes if isinstance(route, Route) and route.matches(scope)[0] != Match.NONE]
    return set().union(*(route.methods or () for route in matching))
