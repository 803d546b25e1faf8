"""The Python client: its classes with their methods, and its errors."""

import inspect

import tock
from documentation.reference.markdown import fenced, joined, prose
from documentation.reference.python_objects import described, method_names, signature_of
from tock.client import errors
from tock.client._sync import listing


def page() -> str:
    """Return the page."""
    return joined(
        "# Python client",
        "The blocking client. `tock.AsyncClient` has the same methods with `await`. [The guide](../guides/client.md) "
        "has examples; [the API](operations.md) describes the fields.",
        "## tock.Client",
        described(tock.Client),
        *(part for name, resource in _resources() for part in (f"## client.{name}", described(resource))),
        "## Listing",
        described(listing.Listing),
        "## RunHandle",
        described(tock.RunHandle),
        "## Errors",
        fenced(inspect.cleandoc(errors.__doc__ or "")),
        *(_error(name) for name in sorted(tock.__all__) if _is_error(name)),
    )


def _resources() -> list[tuple[str, type]]:
    """Return the client's resources by their names, in their order."""
    with tock.Client("http://127.0.0.1:1", project="demo") as client:
        parts = vars(client).items()
        return [(name, type(part)) for name, part in parts if type(part).__module__.startswith("tock.client._sync.")]


def _is_error(name: str) -> bool:
    found = getattr(tock, name)
    return isinstance(found, type) and issubclass(found, Exception)


def _error(name: str) -> str:
    error = getattr(tock, name)
    own = [each for each in method_names(error) if each in vars(error)]
    facts = [f"- `{each}`: {prose(signature_of(error, each).summary)}" for each in own]
    return joined(f"### {name}", prose(error.__doc__ or ""), "\n".join(facts))
