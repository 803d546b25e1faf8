"""The problem document (RFC 9457), which shows refused values shortened and without secrets."""

import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from tock.web.errors import FieldError

#: The most characters of a refused value that a problem document shows.
LONGEST_VALUE = 200
#: Fields whose values a problem document never shows.
_SECRET = re.compile(
    r"secret|(?<!page_)token|password|passwd|authorization|cookie|credential|api[_-]?key", re.IGNORECASE
)
_WITHHELD = "(withheld)"


class FieldProblem(BaseModel):
    """A field whose value cannot be accepted."""

    model_config = ConfigDict(frozen=True)

    field: str = Field(description="The dotted path of the field, as the caller wrote it.", examples=["schedule.cron"])
    value: Any = Field(default=None, description="The refused value, shortened; never a secret.")
    message: str = Field(description="What is wrong and what to do about it.")


class Problem(BaseModel):
    """A problem document (RFC 9457)."""

    model_config = ConfigDict(frozen=True)

    type: str = Field(examples=["urn:tock:problem:invalid-argument"])
    title: str
    status: int
    detail: str
    instance: str | None = Field(default=None, description="The path of the request.")
    code: str = Field(description="A stable code for programs.", examples=["invalid_argument"])
    transient: bool = Field(description="Whether the same request may succeed later without any change.")
    errors: tuple[FieldProblem, ...] = ()
    active_run: str | None = Field(default=None, description="The active run that prevents this request.")
    run: str | None = Field(default=None, description="The run that the Idempotency-Key belongs to.")


def field_problem(field_error: FieldError) -> FieldProblem:
    """Return the field as a problem document shows it: its value in at most 200 characters, without secrets."""
    hidden = _SECRET.search(field_error.field) is not None and field_error.value is not None
    value = _WITHHELD if hidden else _shown(field_error.value)
    return FieldProblem(field=field_error.field, value=value, message=field_error.message)


def _shown(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    text = value if isinstance(value, str) else json.dumps(_without_secrets(value), ensure_ascii=False, default=str)
    short = text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
    return value if isinstance(value, int | float) and short == text else short


def _without_secrets(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            str(key): _WITHHELD if _SECRET.search(str(key)) else _without_secrets(inner) for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_without_secrets(inner) for inner in value]
    return value
