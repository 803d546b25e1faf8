"""The JSON Schema of what an agent in code returns, from the type that it names."""

import inspect
import types
from dataclasses import is_dataclass
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, PydanticUserError, TypeAdapter
from pydantic.errors import PydanticInvalidForJsonSchema

from tock.core.run.outcome import Continue, Failed, Succeeded, Waiting
from tock.definitions.registry import ANNOTATION, AgentDefinition

_OUTCOMES = (Succeeded, Failed, Waiting, Continue)


def result_schema(definition: AgentDefinition) -> dict[str, Any] | None:
    """Return the schema that the agent's results must fit, or None for any result.

    An annotation counts if it names a pydantic model or a dataclass, as `Digest`, `list[Digest]` or `Digest | Waiting`;
    the outcomes of an attempt are no part of the schema. Raises ValueError if the type has no schema.
    """
    wanted = definition.output
    if wanted is ANNOTATION:
        wanted = _annotated(definition.function)
        if not _names_model(wanted):
            return None
    if wanted is None:
        return None
    try:
        return TypeAdapter(_without_outcomes(wanted)).json_schema(mode="serialization")
    except (PydanticUserError, PydanticInvalidForJsonSchema) as exc:
        problem = str(exc).partition("\n")[0]
        raise ValueError(f"{wanted!r} has no JSON Schema ({problem}): name another type, or output=None") from exc


def _annotated(function: object) -> Any:
    target = function if inspect.isfunction(function) else type(function).__call__
    try:
        return get_type_hints(target, include_extras=True).get("return")
    except (NameError, TypeError, AttributeError):
        # What is imported for type checkers only is not known here.
        return None


def _names_model(hint: Any) -> bool:
    if isinstance(hint, type) and get_origin(hint) is None:
        return hint not in _OUTCOMES and (issubclass(hint, BaseModel) or is_dataclass(hint))
    return any(_names_model(each) for each in get_args(hint))


def _without_outcomes(hint: Any) -> Any:
    if get_origin(hint) is Annotated or get_origin(hint) not in (Union, types.UnionType):
        return hint
    kept = tuple(each for each in get_args(hint) if each not in _OUTCOMES)
    return Union[kept]  # noqa: UP007 - of a number of types that is not known here
