"""The marks of statuses: each word that a page shows has one, and words that mean something else have another."""

from itertools import chain

from tock.core.run.status import AttemptStatus, RunStatus
from tock.core.trigger.upcoming import UpcomingStatus
from tock.web.console.marks import DOT, SHAPES, shape_of
from tock.web.console.pages.overview.timeline.mark import MarkKind
from tock.web.resources.runs.shown_status import LATER


def test_every_word_of_a_status_has_a_mark_of_its_own() -> None:
    words = {*chain(RunStatus, AttemptStatus, UpcomingStatus, LATER, MarkKind)} - {UpcomingStatus.TO_COME}

    assert words == set(SHAPES)


def test_statuses_of_runs_differ_by_their_shapes() -> None:
    words = {*RunStatus, *LATER}

    assert len({shape_of(word) for word in words}) == len(words)


def test_a_word_that_nobody_knows_has_a_dot() -> None:
    assert shape_of("dreaming") == DOT
