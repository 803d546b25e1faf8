"""Wrong ways to treat runs that cannot start at their time."""

from datetime import datetime
from typing import Any

import pytest

import tock.app.execution.admission.miss_late
import tock.app.execution.execute
import tock.app.tick.sweep
import tock.core.run.admission.overlap
import tock.core.trigger.late_start
from tock.app.services import Services
from tock.core.run.run import Run
from tock.ports.store import Versioned


def late_runs_take_no_turns(patch: pytest.MonkeyPatch) -> None:
    """The overlap policy treats late runs like punctual ones."""

    def never(_run: Run, *, now: datetime) -> bool:
        assert now is not None
        return False

    patch.setattr(tock.core.run.admission.overlap, "is_late", never)


def claim_freezes_the_catch_up_policy(patch: pytest.MonkeyPatch) -> None:
    """A claimed run starts however late, whatever its catch-up policy says."""

    async def starts(_services: Services, _run: Versioned[Run]) -> Any:
        return None

    patch.setattr(tock.app.execution.execute, "miss_late", starts)
    patch.setattr(tock.app.tick.sweep, "miss_late", starts)


def start_deadline_is_ignored(patch: pytest.MonkeyPatch) -> None:
    """A run starts after its start deadline."""

    def never(_run: Run, *, now: datetime) -> bool:
        assert now is not None
        return False

    patch.setattr(tock.app.execution.admission.miss_late, "is_past_start_deadline", never)
    patch.setattr(tock.core.trigger.late_start, "is_past_start_deadline", never)


def latest_runs_whatever_has_come_since(patch: pytest.MonkeyPatch) -> None:
    """With the catch-up policy `latest`, a claimed run starts although a newer fire time has come."""

    def none(_run: Run, _trigger: object, *, now: datetime) -> None:
        assert now is not None

    patch.setattr(tock.core.trigger.late_start, "_newer_fire_time", none)
