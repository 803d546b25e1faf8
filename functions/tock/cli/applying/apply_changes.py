"""Applies changes to a project, each on the condition that the resource is as it was when they were compared."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tock import AlreadyExists, ApiError, Client, NotFound, RevisionConflict, TockClientError
from tock.core.time.instant import instant_text
from tock.manifest.comparison.difference import Action, Change
from tock.manifest.written import Kind

_DONE = {Action.CREATE: "created", Action.CHANGE: "changed", Action.DELETE: "deleted"}


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

    A resource that somebody changed, created or deleted meanwhile is left as it is. Raises TockClientError if the
    server does not answer.
    """
    for change in changes:
        try:
            _apply(client, change)
        except NotFound as exc:
            # What is gone need not be deleted.
            yield Applied(change) if change.action is Action.DELETE else _failed(change, exc)
        except (RevisionConflict, AlreadyExists) as exc:
            yield Applied(change, failure=_changed_meanwhile(client, change), details=_details(exc))
        except ApiError as exc:
            yield _failed(change, exc)
        else:
            yield Applied(change)


def _apply(client: Client, change: Change) -> None:
    group = client.agents if change.kind is Kind.AGENT else client.triggers
    fields: Any = change.body or {}
    match change.action:
        case Action.CREATE:
            group.create(change.id, **fields)
        case Action.CHANGE:
            group.put(change.id, if_match=change.revision, **fields)
        case Action.DELETE:
            group.delete(change.id, if_match=change.revision)


def _failed(change: Change, error: ApiError) -> Applied:
    return Applied(change, failure=error.problem, details=_details(error))


def _details(error: ApiError) -> tuple[str, ...]:
    return tuple(filter(None, (*getattr(error, "__notes__", ()), error.remedy)))


def _changed_meanwhile(client: Client, change: Change) -> str:
    """Return who changed the resource, and when."""
    again = "nothing was done: see what is different now with `tock plan`"
    group = client.agents if change.kind is Kind.AGENT else client.triggers
    try:
        stamp = group.get(change.id).updated
    except TockClientError:
        return f"was changed meanwhile; {again}"
    return f"was changed meanwhile, by {stamp.by} at {instant_text(stamp.at)}; {again}"
