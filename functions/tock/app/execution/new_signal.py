"""The signal that a request sends to a run, and the run that counts it."""

from datetime import datetime

from tock.core.run.messages.signal import Signal, SignalKind
from tock.core.run.run import Run
from tock.core.timing import Timing


def new_signal(
    run: Run, kind: SignalKind, *, message: str, by: str, request: str, now: datetime, timing: Timing
) -> tuple[Run, Signal]:
    """Return the run with one signal more, and that signal.

    Whoever sends it writes both in one Commit, on the condition that the run is as it was read: so signals are numbered
    without a gap, and none is sent to a run that has ended.
    """
    counted = run.model_copy(update={"signals": run.signals + 1})
    signal = Signal(
        project=run.project,
        run=run.id,
        number=counted.signals,
        kind=kind,
        message=message,
        by=by,
        at=now,
        request=request,
        expire_at=now + timing.retention,
    )
    return counted, signal
