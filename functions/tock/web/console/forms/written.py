"""What people write into the fields of forms: JSON, whole numbers, labels, and fields that may stay empty."""

import json
import re
from typing import Any

from tock.app.manage.stored import Expected
from tock.core.errors import InvalidArgument
from tock.core.json.strict import NotStrictJson, strict_json
from tock.core.trigger.cancel_choice import CancelChoice
from tock.web.console.forms.form import Form


def optional_text(form: Form, name: str) -> str | None:
    """Return what a field holds, or None if it is blank."""
    written = form.text(name)
    return written if written.strip() else None


def json_value(form: Form, name: str) -> Any:
    """Return the JSON value of a field, or None if it is blank. Raises InvalidArgument, with the mistake's place."""
    written = form.text(name)
    if not written.strip():
        return None
    try:
        return json_of(written)
    except ValueError as exc:
        raise InvalidArgument(field=name, value=None, remedy=str(exc)) from exc


def json_of(written: str) -> Any:
    """Return the JSON value of a text. Raises ValueError, which says what is wrong and where."""
    try:
        return strict_json(written.encode(errors="replace"))
    except NotStrictJson as exc:
        raise ValueError(f"is not acceptable JSON: {exc}") from exc


def whole_number(form: Form, name: str) -> int | str | None:
    """Return the number of a field, None if it is blank, or the text itself for the model to refuse."""
    written = form.text(name).strip()
    return int(written) if re.fullmatch(r"[0-9]{1,17}", written) else written or None


def expected_revision(form: Form, name: str = "revision") -> Expected | None:
    """Return the revision that a form was shown, or the mark of a resource that cannot be read; None if it has none.

    Whatever else it says is the revision of nothing.
    """
    return whole_number(form, name)


def cancel_choice(form: Form) -> CancelChoice:
    """Return which unfinished runs end with a trigger; without a choice, that of the API. Raises InvalidArgument."""
    given = form.text("cancel", CancelChoice.PENDING)
    if given not in set(CancelChoice):
        raise InvalidArgument(field="cancel", value=given, remedy="takes pending, all or none")
    return CancelChoice(given)


def labels(form: Form, name: str) -> dict[str, str]:
    """Return the labels of a field, one `name=value` a line. Raises InvalidArgument."""
    found: dict[str, str] = {}
    for line in filter(str.strip, form.text(name).split("\n")):
        label, equals, value = (part.strip() for part in line.partition("="))
        if not equals:
            raise InvalidArgument(field=name, value=line, remedy="takes one label a line, such as team=shop")
        if label in found:
            raise InvalidArgument(field=name, value=line, remedy=f"has {label!r} twice: write each label once")
        found[label] = value
    return found


def labels_text(written: dict[str, str]) -> str:
    """Return labels as people write them into a field."""
    return "\n".join(f"{name}={value}" for name, value in written.items())


def json_text(value: Any) -> str:
    """Return a JSON value as people edit it."""
    return json.dumps(value, ensure_ascii=False, indent=2)
