"""Applies changes to a project, each on the condition that the resource is as it was when they were compared."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tock.cli.client import Client
from tock.cli.errors import CommandError, Refused
from tock.manifest.difference import Action, Change

_DONE = {Action.CREATE: "created", Action.CHANGE: "changed", Action.DELETE: "deleted"}
#: The codes of the errors that say that somebody else was faster.
_CHANGED = frozenset({"revision_mismatch", "already_exists"})
#: The code of the error that a resource does not exist.
_GONE = "not_found"


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one change: what was done, or why nothing was."""

    change: Change
    #: None if it was done.
    failure: str | None = None
    details: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """One line for people."""
        resource = f"{self.change.kind} {self.change.id}"
        return f"{resource} {_DONE[self.change.action]}" if self.failure is None else f"{resource}: {self.failure}"


def applied(client: Client, changes: Sequence[Change]) -> Iterator[Applied]:
    """Apply each change and yield what became of it; one that fails does not stop those after it.

    A resource that somebody changed, created or deleted meanwhile is left as it is. Raises CommandError if the server
    does not answer.
    """
    for change in changes:
        try:
            _apply(client, change)
        except Refused as exc:
            if change.action is Action.DELETE and exc.code == _GONE:
                yield Applied(change)
                continue
            failure = _changed_meanwhile(client, change) if exc.code in _CHANGED else str(exc)
            yield Applied(change, failure=failure, details=exc.details)
        else:
            yield Applied(change)


def _apply(client: Client, change: Change) -> None:
    path = f"/{change.kind}s/{change.id}"
    match change.action:
        case Action.CREATE:
            client.call("POST", f"/{change.kind}s", body={"id": change.id, **(change.body or {})})
        case Action.CHANGE:
            client.call("PUT", path, body=change.body, headers=_if_match(change))
        case Action.DELETE:
            client.call("DELETE", path, headers=_if_match(change))


def _if_match(change: Change) -> dict[str, str]:
    return {"If-Match": f'"{change.revision}"'}


def _changed_meanwhile(client: Client, change: Change) -> str:
    """Return who changed the resource, and when."""
    again = "nothing was done: see what is different now with `tock plan`"
    try:
        found = client.call("GET", f"/{change.kind}s/{change.id}")
    except CommandError:
        return f"was changed meanwhile; {again}"
    stamp = found["updated"]
    return f"was changed meanwhile, by {stamp['by']} at {stamp['at']}; {again}"
