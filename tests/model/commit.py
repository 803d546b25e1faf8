"""How a Commit changes the documents that it names, or why Firestore refuses it.

Every precondition concerns the documents as they were before the Commit. Several writes of one document are merged. The
emulator refuses writes that it cannot merge before it looks at any document.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from model.change import changed
from model.index_entries import Name, Stored, name_of, valid_name
from model.unreadable_document import UnreadableDocument
from tock.core.errors import CommitConflict, InvalidArgument
from tock.core.usage.day import COUNTERS, UsageDay
from tock.ports.store import Add, Change, Create, Delete, DisableUnreadable, Document, FailUnreadable, Versioned, Write


@dataclass(slots=True)
class DocumentChange:
    """The change of one document: what was stored, and what will be; the same object if it does not change."""

    before: Stored | None
    after: Document | DisableUnreadable | FailUnreadable | None
    #: Whether the Commit also deletes it. A document that it then creates is new, even if it is equal.
    replaced: bool = False


def changes_of(writes: Sequence[Write], *, stored: Mapping[Name, Stored]) -> dict[Name, DocumentChange]:
    """Return the change of each document. Raises CommitConflict, InvalidArgument or ValueError."""
    names = [_name(write) for write in writes]
    if len(set(names)) < len(names):
        _check_repetitions(names, writes=writes)
    made: dict[Name, DocumentChange] = {}
    for name, write in zip(names, writes, strict=True):
        before = stored.get(name)
        if before is None:
            valid_name(name)
        at = made.get(name)
        if at is None:
            _check_precondition(write, name=name, before=before)
            now = None if before is None or isinstance(before, UnreadableDocument) else before.value
            at = made[name] = DocumentChange(before, now)
        _apply(write, at)
    if len(made) < len(writes):
        for one in made.values():
            _drop_change_without_effect(one)
    return made


def _name(write: Write) -> Name:
    match write:
        case Create(value=value) | Add(value=value) | Delete(value=value):
            return name_of(value)
        case Change(before=before, after=after):
            name = name_of(after)
            if name != name_of(before.value):
                raise ValueError(f"a Change cannot move {name_of(before.value)} to {name}")
            return name
        case DisableUnreadable(trigger=unreadable) | FailUnreadable(run=unreadable):
            return name_of(unreadable)


def _required(write: Write) -> Any:
    match write:
        case Change(before=before):
            return before.version
        case Delete(version=version):
            return version
        case DisableUnreadable(trigger=unreadable) | FailUnreadable(run=unreadable):
            return unreadable.version
    return None


def _check_repetitions(names: Sequence[Name], *, writes: Sequence[Write]) -> None:
    first: dict[Name, Any] = {}
    last: dict[Name, Write] = {}
    for name, write in zip(names, writes, strict=True):
        required = _required(write)
        if name in last:
            deleted = isinstance(last[name], Delete)
            if isinstance(write, Create) and not deleted:
                raise _refused(name, "a write of one document, then its creation")
            if required is not None and required != first[name]:
                raise _refused(name, "two preconditions for one document")
            if deleted and not isinstance(write, Create | Delete):
                raise _refused(name, "a deletion, then a change")
        first.setdefault(name, required)
        last[name] = write


def _check_precondition(write: Write, *, name: Name, before: Stored | None) -> None:
    if isinstance(write, Create):
        if before is not None:
            raise CommitConflict(f"{name} exists")
        return
    required = _required(write)
    if required is None:
        return
    if before is not None and required > before.version:
        raise _refused(name, f"version {required} is in the future: {before.version} is stored")
    if before is None or required != before.version:
        raise CommitConflict(f"{name} was written since version {required}")


def _apply(write: Write, made: DocumentChange) -> None:
    match write:
        case Create(value=value):
            made.after = value
        case Add(value=value):
            made.after = _sum(made.after, value)
        case Change(before=Versioned(restored=True), after=after):
            made.after, made.replaced = after, True
        case Change(before=before, after=after):
            if not isinstance(made.after, type(after)):
                raise TypeError(f"{name_of(after)} does not parse, so that nobody can have read it at this version")
            made.after = changed(made.after, before=before.value, after=after)
        case Delete():
            made.after, made.replaced = None, True
        case DisableUnreadable() | FailUnreadable():
            made.after = write


def _sum(stored: Any, added: UsageDay) -> UsageDay:
    counters = COUNTERS if isinstance(stored, UsageDay) else ()
    return added.model_copy(update={name: getattr(stored, name) + getattr(added, name) for name in counters})


def _drop_change_without_effect(made: DocumentChange) -> None:
    match made.before, made.after:
        case Versioned(value=stored), BaseModel() as after if not made.replaced:
            if changed(stored, before=stored, after=after) is stored:
                made.after = stored


def _refused(name: Name, problem: str) -> InvalidArgument:
    return InvalidArgument(field="writes", value=None, remedy=f"{problem} in one Commit: {name}")
