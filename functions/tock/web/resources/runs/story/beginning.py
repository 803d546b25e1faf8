"""How a run began: the fire time of its trigger, or the request of a person or a program."""

from datetime import timedelta

from tock.core.run.status import RunSource
from tock.web.resources.authors import author_first
from tock.web.resources.runs.run import RunResource
from tock.web.resources.runs.story.sentence import Named, Sentence, run_named

_PUNCTUAL = timedelta(seconds=1)


def beginning(run: RunResource) -> Sentence:
    """Return who or what started the run and when; of a scheduled one that began, also how late it was."""
    by, at = author_first(run.created.by), run.created.at
    trigger = Named("triggers", run.trigger or "")
    match run.source:
        case RunSource.SCHEDULE:
            return ("The trigger ", trigger, " planned it for ", run.scheduled_for, *_late(run), ".")
        case RunSource.RETRY:
            return (f"{by} repeated run ", run_named(run.retry_of), " at ", at, ".")
        case RunSource.RESUME:
            return (f"{by} went on with run ", run_named(run.resumed_from), " at ", at, ".")
        case RunSource.EXEC if run.follow_up is not None:
            workspace = run_named(run.follow_up.of)
            return (
                f"{by} started the command {run.follow_up.command} in the workspace of run ",
                workspace,
                " at ",
                at,
                ".",
            )
        case _ if run.trigger is not None:
            return (f"{by} started the trigger ", trigger, " by hand at ", at, ".")
        case _:
            return (f"{by} started the agent {run.agent} by hand at ", at, ".")


def _late(run: RunResource) -> Sentence:
    if run.lateness_seconds is None:
        return ()
    late = timedelta(seconds=run.lateness_seconds)
    return (", and it began on time",) if late < _PUNCTUAL else (", and it began ", late, " late")
