"""The lines for slots among the overdue runs: which runs wait for the same limit, and who watches each line."""

from collections import defaultdict
from collections.abc import Sequence

from tock.app.execution.admission.take_slots import place_in_line
from tock.core.run.run import Run
from tock.core.run.status import RunStatus
from tock.core.unreadable import Unreadable
from tock.ports.store import Versioned

#: How many runs watch a line: the sweep looks soon again at these, the last in line, and at the others every
#: `held_recheck`. So a long line costs little, and it is watched even if one of them is cancelled.
WATCHERS = 3

Line = Sequence[Versioned[Run]]


def lines_among(
    overdue: Sequence[Versioned[Run] | Unreadable],
) -> tuple[Sequence[Line], Sequence[Versioned[Run] | Unreadable]]:
    """Return the runs that wait in line, those for one limit together and the last in line first, and the others."""
    lines: dict[tuple[str, str], list[Versioned[Run]]] = defaultdict(list)
    others: list[Versioned[Run] | Unreadable] = []
    for run in overdue:
        if isinstance(run, Versioned) and run.value.status is RunStatus.HELD and run.value.in_line is not None:
            lines[run.value.project, run.value.in_line].append(run)
        else:
            others.append(run)
    in_order = [sorted(line, key=lambda run: place_in_line(run.value), reverse=True) for line in lines.values()]
    return in_order, others
