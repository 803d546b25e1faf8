"""The form of a project: the project that its fields mean, and the texts that a project has in its fields."""

from collections.abc import Mapping
from typing import Any, TypeVar

from tock.core.project import ProjectSpec
from tock.web.console.forms.form import Form
from tock.web.console.forms.written import optional_text, whole_number
from tock.web.requests import parse

FIELDS = ("id", "name", "description", "concurrency")
_Written = TypeVar("_Written", bound=ProjectSpec)


def written_project(form: Form, *, model: type[_Written], **others: Any) -> _Written:
    """Return the project that the form means, with these other fields. Raises InvalidRequest."""
    return parse(
        model,
        {
            "name": optional_text(form, "name"),
            "description": form.text("description"),
            "concurrency": whole_number(form, "concurrency"),
        }
        | others,
    )


def texts_of(project: ProjectSpec) -> Mapping[str, str]:
    """Return what the fields of the form hold for this project."""
    return {
        "name": project.name or "",
        "description": project.description,
        "concurrency": "" if project.concurrency is None else str(project.concurrency),
    }


def typed_texts(form: Form) -> Mapping[str, str]:
    """Return what the fields of a form hold that was sent."""
    return {name: form.text(name) for name in FIELDS}
