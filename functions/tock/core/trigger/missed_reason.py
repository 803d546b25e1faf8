"""Why late fire times are recorded as missed: the rule that decided, with its window, and what the delay was."""

from datetime import datetime, timedelta

from tock.core.policies import CatchUpMode
from tock.core.run.admission.lateness import PUNCTUAL
from tock.core.run.run import MissedRange
from tock.core.time.duration import duration_text
from tock.core.time.instant import instant_text
from tock.core.trigger.trigger import Trigger


def missed_reason(
    trigger: Trigger, missed: MissedRange, *, run_instead: datetime | None, now: datetime, ended_by: str | None
) -> str:
    """Return the reason of a range of missed fire times, as a sentence without a full stop.

    Args:
        trigger: with the catch-up policy that decided.
        missed: the range.
        run_instead: the oldest late fire time that the same plan runs; None if it runs none.
        now: the time of the plan.
        ended_by: what happened to the trigger, as a sentence, if that decided and not the policy.
    """
    them = "it" if missed.count == 1 else "them"
    if ended_by is not None:
        outage = now - missed.first > PUNCTUAL
        since = f"no tick had claimed {them} since {instant_text(missed.first)}; " if outage else ""
        return f"{since}{ended_by} at {instant_text(now)}, before a tick claimed {them}"
    mode, window = trigger.catch_up.mode, trigger.catch_up.window
    within = duration_text(PUNCTUAL if mode is CatchUpMode.NONE else window)
    policy = f"catch-up is {mode}" if mode is CatchUpMode.NONE else f"catch-up is {mode} within {within}"
    late = duration_text(timedelta(seconds=int((now - missed.last).total_seconds())))
    newest = "it was" if missed.count == 1 else "the newest of them was"
    if mode is not CatchUpMode.ALL and run_instead is not None:
        rule = f"only the newest late fire time runs, {instant_text(run_instead)}"
    else:
        rule = f"{newest} {late} late, more than {within}"
    return f"no tick claimed {them} in time; {policy}, and {rule}"
