"""Which expected occurrences are recorded by runs that cannot be read."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from tock.core.ids.derived import occurrence_id
from tock.core.trigger.revision import Revision


def unreadable_runs(
    unreadable: Mapping[str, str], expected: Sequence[tuple[datetime, int]], *, of: Sequence[Revision]
) -> Mapping[tuple[int, datetime], str]:
    """Return the unreadable runs that record an expected fire time, by generation and fire time.

    What such a run records cannot be read, but the id of an occurrence's run derives from its fire time.
    """
    if not unreadable or not of:
        return {}
    project, trigger = of[-1].project, of[-1].trigger
    found = {
        (generation, fire_time): occurrence_id(
            project=project, trigger=trigger, fire_time=fire_time, generation=generation
        )
        for fire_time, generation in expected
    }
    return {occurrence: run for occurrence, run in found.items() if run in unreadable}
