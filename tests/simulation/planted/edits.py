"""Wrong ways to edit, pause and delete a trigger."""

from typing import Any

import pytest

import tock.app.execution.admission.apply_overlap
import tock.app.execution.cancel
import tock.app.execution.execute
import tock.app.execution.run_commit
import tock.app.execution.settle
import tock.app.manage.triggers.create_trigger
import tock.app.manage.triggers.edit_trigger
import tock.app.manage.triggers.withdraw
import tock.app.start.launch
import tock.app.start.run_now
import tock.app.tick.claim_triggers
import tock.app.tick.sweep
import tock.app.tick.tick
from tock.app.services import Services
from tock.core.schedule.schedule import next_fire_time
from tock.core.trigger.claim import Claim
from tock.core.trigger.revision import Revision
from tock.core.trigger.trigger import Trigger


def edit_leaves_claimed_runs(patch: pytest.MonkeyPatch) -> None:
    """An edit does not cancel the runs that were claimed for the version before."""

    async def nothing(_services: Services, _trigger: Trigger, **_given: Any) -> Any:
        return tock.app.manage.triggers.withdraw.Cancelled(runs=(), writes=(), queued=(), used=None)

    patch.setattr(tock.app.manage.triggers.edit_trigger, "cancel_claimed", nothing)


def edit_ignores_last_decision_time(patch: pytest.MonkeyPatch) -> None:
    """An edit decides by an earlier time than the decision before it."""
    patch.setattr(Trigger, "time_to_decide", lambda _trigger, now: now)


def edit_drops_unclaimed_fire_times(patch: pytest.MonkeyPatch) -> None:
    """An edit drops the fire times before it that no tick has claimed."""

    def nothing(_services: Services, before: Trigger, **_given: Any) -> Claim:
        return Claim(trigger=before, runs=())

    patch.setattr(tock.app.manage.triggers.edit_trigger, "claim_past", nothing)


def pause_keeps_next_fire_time(patch: pytest.MonkeyPatch) -> None:
    """A trigger that is paused keeps its next fire time."""
    anew = tock.app.manage.triggers.edit_trigger.rescheduled

    def due(trigger: Trigger, **given: Any) -> Trigger:
        after = anew(trigger, **given)
        if trigger.enabled:
            return after
        return after.model_copy(update={"next_run_at": next_fire_time(trigger.schedule, after=given["now"])})

    patch.setattr(tock.app.manage.triggers.edit_trigger, "rescheduled", due)


def deletion_forgets_the_last_run(patch: pytest.MonkeyPatch) -> None:
    """A trigger that takes the id of a deleted one starts its runs as if that one had had none."""
    end_of = Revision.end_of

    def forgetful(trigger: Trigger, **given: Any) -> Revision:
        return end_of(trigger, **given).model_copy(update={"last_run": None})

    patch.setattr(Revision, "end_of", forgetful)
