"""Converts documents to stored fields and back, without loss.

Free JSON is stored as text, because a Firestore map cannot hold an array directly inside an array, more than 20 levels,
or a name like `__x__`. Fields that the path states (`id`, `project`) are not stored again. None and an empty tuple are
not stored where they are the field's default: an absent field costs no index entry. Neither is the default of a field
that an earlier version does not know.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from tock.core.agent.agent import Agent
from tock.core.agent.session import Session, SessionPart
from tock.core.fields.later import later_defaults, stored_fields
from tock.core.fields.types import STORED
from tock.core.health.scheduler_state import SchedulerState
from tock.core.json.problem import json_problem
from tock.core.json.value import MAX_DEPTH
from tock.core.project import ApiKey, DeletedProject, Project
from tock.core.run.admission.lock import Lock
from tock.core.run.admission.slot import Slot
from tock.core.run.events.event import Chunk
from tock.core.run.messages.signal import Signal
from tock.core.run.run import Run
from tock.core.time.instant import instant_text
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import Trigger
from tock.core.usage.day import COUNTERS, UsageDay
from tock.store.documents.paths import ids_of
from tock.store.documents.shared_values import read_shared
from tock.store.documents.values import read_value

SCHEMA = 1
_LONGEST_PROBLEM = 500
_Model = TypeVar("_Model", bound=BaseModel)


class UnparsableError(Exception):
    """The model of a stored document no longer accepts it, or a value cannot be shown as JSON; the text says why."""

    def __init__(self, problem: str) -> None:
        # One line that can always be shown: it may quote half of a surrogate pair.
        line = " ".join(problem.split())[:_LONGEST_PROBLEM]
        super().__init__(line.encode(errors="replace").decode())


@dataclass(frozen=True, slots=True)
class DocumentCodec(Generic[_Model]):
    """How documents of one model are stored."""

    model: type[_Model]
    #: The fields that the path states.
    identity: set[str] = field(default_factory=set)
    #: The fields that hold free JSON, each with the inner field that does, or None if the whole field does.
    texts: Mapping[str, str | None] = field(default_factory=dict)
    #: How many levels of Tock's own each text has around the free JSON.
    wrapped: int = 0
    #: The fields with an immutable value that many documents have in common.
    shared: frozenset[str] = frozenset()
    #: The fields with a number that every Add adds to.
    counters: frozenset[str] = frozenset()
    #: The fields that are not stored while they have this default: None, an empty tuple, or that of a later field.
    optional: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        empty = {name: info.default for name, info in self.model.model_fields.items() if info.default in (None, ())}
        object.__setattr__(self, "optional", {**empty, **later_defaults(self.model)})

    def stored(self, document: _Model) -> dict[str, Any]:
        """Return the fields to write when the document is created."""
        return {"schema": SCHEMA, **self.present(self._values(document, document.__dict__))}

    def difference(self, before: _Model, after: _Model) -> dict[str, Any]:
        """Return the new values of the top-level fields that differ; a field that `present` omits must be deleted."""
        old = before.__dict__
        differing = {
            name: value
            for name, value in after.__dict__.items()
            if value is not old[name] and (name in self.texts or value != old[name])
        }
        changed = self._values(after, differing)
        # 1 == True in Python but not in JSON, so free JSON is compared as text.
        for name in self.texts.keys() & differing:
            if self._values(before, {name: old[name]}) == {name: changed[name]}:
                del changed[name]
        return changed

    def present(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values to store, without those of optional fields that are their default."""
        optional = self.optional
        return {name: value for name, value in values.items() if name not in optional or value != optional[name]}

    def parsed(self, path: str, fields: Any) -> _Model:
        """Return the document that is stored at this path with these fields.

        Raises:
            UnparsableError: the model does not accept the fields, or free JSON among them cannot be shown.
        """
        try:
            values = {
                name: read_shared(self.model, name, fields[name]) if name in self.shared else read_value(fields[name])
                for name in fields
            }
            for name, inner in self.texts.items():
                holder, key = (values, name) if inner is None else (values.get(name, {}), inner)
                if holder.get(key) is not None:
                    holder[key] = _json_value(holder[key], name=name, deepest=MAX_DEPTH + self.wrapped)
            if self.identity:
                values.update(ids_of(path))
            return self.model.model_validate(values, context=STORED)
        except ValidationError as exc:
            raise UnparsableError(problem_text(exc)) from exc
        except (AttributeError, TypeError, ValueError, RecursionError, OverflowError) as exc:
            raise UnparsableError(str(exc) or type(exc).__name__) from exc

    def _values(self, document: _Model, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of these fields of the document as they are stored, without those that the path states."""
        return {
            name: self._text(document, name) if name in self.texts else value
            for name, value in values.items()
            if name not in self.identity
        }

    def _text(self, document: _Model, name: str) -> Any:
        """Return the value of a field that holds free JSON, with that as text."""
        value, inner = getattr(document, name), self.texts[name]
        if value is None:
            return None
        if inner is not None:
            return {**stored_fields(value), inner: _json_text(getattr(value, inner))}
        return _json_text(document.model_dump(include={name})[name])


def _json_value(text: Any, *, name: str, deepest: int = MAX_DEPTH) -> Any:
    """Return the value of a field's JSON text. Raises ValueError if it is no JSON text, or cannot be shown."""
    try:
        value = json.loads(text)
    except RecursionError as exc:
        raise ValueError(f"{name}: is nested deeper than {deepest} levels") from exc
    except (TypeError, ValueError) as exc:
        raise ValueError(f"{name}: holds no JSON text") from exc
    if (problem := json_problem(value, deepest=deepest)) is not None:
        raise ValueError(f"{name}: {problem}")
    return value


def _json_text(value: Any) -> str:
    # ASCII only: JSON allows a lone surrogate, UTF-8 does not.
    return json.dumps(value, separators=(",", ":"), default=_json_default)


def _json_default(value: object) -> str:
    if isinstance(value, datetime):
        return instant_text(value)
    raise TypeError(f"a {type(value).__name__} is not JSON")


def problem_text(error: ValidationError) -> str:
    """Return what a model does not accept, field by field."""
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, problem['loc'])) or 'document'}: {problem['msg']}" for problem in problems)


_IN_PROJECT = {"project", "id"}
_POLICIES = frozenset({"catch_up", "retry"})
#: A JSON Schema may hold whatever JSON can.
_EVIDENCE = {"evidence": "output_schema"}
PROJECT = DocumentCodec(Project, identity={"id"})
DELETED_PROJECT = DocumentCodec(DeletedProject, identity={"id"})
AGENT = DocumentCodec(Agent, identity=_IN_PROJECT, texts={"config": None, **_EVIDENCE})
TRIGGER = DocumentCodec(
    Trigger,
    identity=_IN_PROJECT,
    texts={"input": "payload", **_EVIDENCE},
    shared=_POLICIES | {"schedule"},
)
REVISION = DocumentCodec(Revision, identity={"project", "trigger"}, texts={"spec": None}, wrapped=2)
RUN = DocumentCodec(
    Run,
    identity=_IN_PROJECT,
    texts={"input": "payload", **_EVIDENCE, "result": None, "answer": None, "state": None},
    shared=_POLICIES | {"usage"},
)
LOCK = DocumentCodec(Lock, identity=_IN_PROJECT)
API_KEY = DocumentCodec(ApiKey, identity=_IN_PROJECT)
CHUNK = DocumentCodec(Chunk, identity={"project", "run", "first_seq"}, texts={"events": None}, wrapped=2)
SIGNAL = DocumentCodec(Signal, identity={"project", "run"})
SLOT = DocumentCodec(Slot, identity=_IN_PROJECT)
SESSION = DocumentCodec(Session, identity=_IN_PROJECT)
SESSION_PART = DocumentCodec(SessionPart, identity={"project", "session", "id"})
USAGE_DAY = DocumentCodec(UsageDay, identity=_IN_PROJECT, counters=COUNTERS)
SCHEDULER_STATE = DocumentCodec(SchedulerState)

_ALL: tuple[DocumentCodec[Any], ...] = (
    *(PROJECT, DELETED_PROJECT, AGENT, TRIGGER, REVISION, RUN, LOCK, API_KEY),
    *(CHUNK, SIGNAL, SLOT, SESSION, SESSION_PART, USAGE_DAY),
)
CODECS: Mapping[type[BaseModel], DocumentCodec[Any]] = {codec.model: codec for codec in _ALL}
