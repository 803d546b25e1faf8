"""The whole story of a run, the oldest first."""

from datetime import datetime

from tock.web.resources.runs.run import RunResource
from tock.web.resources.runs.story.beginning import beginning
from tock.web.resources.runs.story.ending import ending
from tock.web.resources.runs.story.present import present
from tock.web.resources.runs.story.sentence import Sentence


def story(run: RunResource, *, now: datetime) -> tuple[Sentence, ...]:
    """Return who started the run and when, and then how it ended, or what it does now."""
    return beginning(run), *(ending(run) if run.status.terminal else present(run, now=now))
