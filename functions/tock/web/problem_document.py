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
#: Members whose values may hold secrets of any name: an agent's configuration, and the headers in it.
_UNSHOWN = frozenset({"config", "headers"})
_WITHHELD = "(withheld)"
#: The user and the password of a URL. A password may hold slashes, and what precedes an @ may be no whole URL. Nobody
#: chose how long the text is: in one that ends with @, each character is looked at a fixed number of times.
_USERINFO = re.compile(r"//.*@|(?<!\S)[^\s:]*:\S*@", re.DOTALL)


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
    errors: tuple[FieldProblem, ...] = Field(
        default=(), description="The first 20 fields that cannot be accepted; `detail` says how many more there are."
    )
    active_run: str | None = Field(default=None, description="The active run that prevents this request.")
    run: str | None = Field(default=None, description="The run that the Idempotency-Key belongs to.")


def field_problem(field_error: FieldError) -> FieldProblem:
    """Return the field as a problem document shows it: its value in at most 200 characters, without secrets."""
    value = _shown(field_error.value)
    if field_error.value is not None and _is_secret(field_error.field):
        value = _WITHHELD
    return FieldProblem(
        field=without_userinfo(field_error.field)[:LONGEST_VALUE],
        value=value,
        message=without_userinfo(field_error.message),
    )


def without_userinfo(text: str) -> str:
    """Return the text without the user and the password of the URLs in it."""
    end = text.rfind("@") + 1
    return _USERINFO.sub(f"{_WITHHELD}@", text[:end]) + text[end:]


def _is_secret(field: str) -> bool:
    return _SECRET.search(field) is not None or field in _UNSHOWN


def _shown(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    safe = _without_secrets(value)
    text = safe if isinstance(safe, str) else json.dumps(safe, ensure_ascii=False, default=str)
    short = text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
    return value if isinstance(value, int | float) and short == text and text.lstrip("-")[0].isdecimal() else short


def _without_secrets(value: Any) -> Any:
    match value:
        case str():
            return without_userinfo(value)
        case Mapping():
            return {
                without_userinfo(str(key)): _WITHHELD if _is_secret(str(key)) else _without_secrets(inner)
                for key, inner in value.items()
            }
        case list() | tuple():
            return [_without_secrets(inner) for inner in value]
        case _:
            return value
