"""Checks and splits resource names.

The rules come from the API reference: https://cloud.google.com/tasks/docs/reference/rpc/google.cloud.tasks.v2
"""

import re

from tock.local.cloud_tasks.errors import InvalidFieldError

_RULES = {
    "projects": re.compile(r"[A-Za-z0-9:.-]+"),
    "locations": re.compile(r"[A-Za-z0-9-]+"),
    "queues": re.compile(r"[A-Za-z0-9-]{1,100}"),
    "tasks": re.compile(r"[A-Za-z0-9_-]{1,500}"),
}
_LOCATION = ("projects", "locations")
_QUEUE = (*_LOCATION, "queues")
_TASK = (*_QUEUE, "tasks")


def location_name(text: str, *, field: str) -> str:
    """Return the text if it is a location's name; raises InvalidFieldError, which names `field`."""
    return _checked(text, collections=_LOCATION, field=field)


def queue_name(text: str, *, field: str) -> str:
    """Return the text if it is a queue's name; raises InvalidFieldError, which names `field`."""
    return _checked(text, collections=_QUEUE, field=field)


def task_name(text: str, *, field: str) -> str:
    """Return the text if it is a task's name; raises InvalidFieldError, which names `field`."""
    return _checked(text, collections=_TASK, field=field)


def parent_of(name: str) -> str:
    """Return the name of a task's queue, or of a queue's location."""
    return name.rsplit("/", 2)[0]


def short_id(name: str) -> str:
    """Return the last part of a name, without the path before it."""
    return name.rsplit("/", 1)[1]


def _checked(text: str, *, collections: tuple[str, ...], field: str) -> str:
    parts = text.split("/")
    if len(parts) != 2 * len(collections) or tuple(parts[::2]) != collections:
        shape = "/".join(f"{collection}/*" for collection in collections)
        raise InvalidFieldError(field, problem=f"{text!r} does not have the form {shape}.")
    for collection, part in zip(collections, parts[1::2], strict=True):
        if not _RULES[collection].fullmatch(part):
            rule = _RULES[collection].pattern
            raise InvalidFieldError(field, problem=f"{part!r} is not a valid id under {collection}: {rule}.")
    return text
