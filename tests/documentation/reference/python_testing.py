"""`tock.testing`: what tests of agents and schedules import."""

import inspect

import tock.testing
from documentation.reference.markdown import joined, prose
from documentation.reference.python_agents import values
from documentation.reference.python_objects import described, function


def page() -> str:
    """Return the page."""
    found = {name: getattr(tock.testing, name) for name in tock.testing.__all__}
    return joined(
        "# tock.testing",
        "Every name is imported from `tock.testing`. [Testing](../guides/testing.md) has examples.",
        prose(tock.testing.__doc__ or ""),
        "## Functions",
        *(function(f"tock.testing.{name}", each) for name, each in found.items() if not inspect.isclass(each)),
        "## Classes",
        *(
            joined(f"### tock.testing.{name}", values(each), described(each, heading="####"))
            for name, each in found.items()
            if inspect.isclass(each)
        ),
    )
