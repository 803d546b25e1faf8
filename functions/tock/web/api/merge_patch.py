"""Applies a JSON merge patch (RFC 7396) of the fields that an author writes to the revision that was read.

A given member replaces the field; null clears a field that may be empty, and is refused for any other. Objects merge
member by member, all the way down. Within a schedule, an agent's config and a payload, null removes a member. A
schedule has one kind and an agent's config belongs to its kind, so a change of the kind replaces them as a whole.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, Protocol, TypeVar

from fastapi import Body
from pydantic import BaseModel

from tock.app.manage.stored import Expected
from tock.core.agent.evidence import Evidence
from tock.core.errors import DocumentUnreadable, InvalidArgument, NotFound, RevisionMismatch, StoreUnavailable
from tock.core.policies import CatchUp, Retry
from tock.core.schedule.schedule import KINDS, CronSchedule, IntervalSchedule, OnceSchedule
from tock.core.trigger.trigger import Input
from tock.ports.store import Document, Versioned
from tock.web.errors import InvalidRequest
from tock.web.requests import parse

#: How often a patch is applied again when another edit was faster and the caller named no revision.
MAX_TRIES = 5

Changes = Annotated[dict[str, Any], Body(description="A JSON merge patch: only the fields that change.")]
_Spec = TypeVar("_Spec", bound=BaseModel)
_Document = TypeVar("_Document", bound=Document)
_Edited_co = TypeVar("_Edited_co", covariant=True)


class Edit(Protocol[_Edited_co]):
    """Writes changed fields, if the resource is still at this revision."""

    def __call__(self, changes: Mapping[str, Any], revision: Expected) -> Awaitable[_Edited_co]:
        """Return the edited resource. Raises RevisionMismatch when it is at another revision."""
        ...


async def apply_patch(
    changes: dict[str, Any],
    *,
    spec: type[_Spec],
    named: tuple[str, str],
    revision: Expected | None,
    read: Callable[[], Awaitable[Versioned[_Document] | None]],
    edit: Edit[_Edited_co],
    replace: Callable[[_Spec], Awaitable[_Edited_co]],
) -> _Edited_co:
    """Apply the patch and return the resource; `named` is its kind and id, `revision` the expected revision.

    A resource that cannot be read is replaced, if the patch gives every required field. Raises InvalidArgument,
    InvalidRequest, NotFound, RevisionMismatch, DocumentUnreadable, StoreUnavailable.
    """
    if not changes:
        raise InvalidArgument(field="body", value={}, remedy="No fields to update: give at least one field to change")
    for _ in range(MAX_TRIES):
        try:
            found = await read()
        except DocumentUnreadable as exc:
            return await replace(_whole(changes, spec=spec, unreadable=exc))
        if found is None:
            raise NotFound(*named)
        current: int = getattr(found.value, "revision")  # noqa: B009 - every document that is patched has one
        patched = merged(found.value, changes, spec=spec)
        try:
            return await edit({field: getattr(patched, field) for field in changes}, revision or current)
        except RevisionMismatch:
            if revision is not None:
                raise
    raise StoreUnavailable(f"The {named[0]} {named[1]!r} keeps changing: try again.")


def merged(current: BaseModel, changes: Mapping[str, Any], *, spec: type[_Spec]) -> _Spec:
    """Return the fields that the author wrote, with the patch applied. Raises InvalidRequest."""
    fields = {field: getattr(current, field) for field in spec.model_fields}
    if "config" in changes and changes.get("kind", fields["kind"]) != fields["kind"]:
        fields["config"] = {}
    return parse(
        spec,
        fields | {field: _merge(fields.get(field) or _ABSENT.get(field), given) for field, given in changes.items()},
    )


def patch_body(spec: type[BaseModel]) -> dict[str, Any]:
    """Return what OpenAPI says of a patch's body: the fields of `spec`, none required, none with a default."""
    schema = spec.model_json_schema()
    properties = {
        field: {key: value for key, value in _inlined(shape, schema.get("$defs", {})).items() if key != "default"}
        for field, shape in schema["properties"].items()
    }
    described = {
        "type": "object",
        "title": f"{spec.__name__}Patch",
        "properties": properties,
        "additionalProperties": False,
        "minProperties": 1,
    }
    return {"requestBody": {"content": {"application/json": {"schema": described}}}}


#: What a patch merges with where an object has none yet.
_ABSENT = {"evidence": Evidence()}


def _whole(changes: dict[str, Any], *, spec: type[_Spec], unreadable: DocumentUnreadable) -> _Spec:
    """Return the patch applied to nothing. Raises DocumentUnreadable if it lacks a required field."""
    try:
        return parse(spec, _merge_objects(None, changes))
    except InvalidRequest as exc:
        raise unreadable from exc


def _merge(current: Any, given: Any) -> Any:
    if not isinstance(given, dict):
        return given
    match current:
        case Input() | Retry() | CatchUp() | Evidence():
            members = dict(current)
            return members | {
                name: _merge_objects(members.get(name), value) if isinstance(value, dict) else value
                for name, value in given.items()
            }
        case CronSchedule() | IntervalSchedule() | OnceSchedule():
            written = current.model_dump(exclude_defaults=True)
            has_other_kind = any(given.get(kind) is not None for kind in KINDS if kind not in written)
            return _merge_objects({} if has_other_kind else written, given)
        case _:
            return _merge_objects(current, given)


def _merge_objects(current: Any, given: dict[str, Any]) -> dict[str, Any]:
    """Merge as in RFC 7396, section 2: null removes a member."""
    result = dict(current) if isinstance(current, dict) else {}
    for name, value in given.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = _merge_objects(result.get(name), value) if isinstance(value, dict) else value
    return result


def _inlined(schema: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_inlined(inner, definitions) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    if (reference := schema.get("$ref")) is not None:
        shape = _inlined(definitions[reference.rpartition("/")[2]], definitions)
        return shape | {key: _inlined(value, definitions) for key, value in schema.items() if key != "$ref"}
    return {key: _inlined(value, definitions) for key, value in schema.items()}
