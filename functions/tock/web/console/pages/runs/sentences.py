"""The sentences of a run's story as markup, with times in the reader's zone and links to what they name."""

from datetime import datetime, timedelta

from markupsafe import Markup, escape

from tock.core.time.instant import instant_text
from tock.web.console.reasons import reason_text
from tock.web.console.times import absolute_text, duration_text, relative_text
from tock.web.console.visit import Visit
from tock.web.resources.runs.story.sentence import Named, Part, Sentence

_SHORT = 8


def sentence_markup(sentence: Sentence, *, visit: Visit) -> Markup:
    """Return a sentence as markup."""
    return Markup("").join(_part(part, visit=visit) for part in sentence)


def _part(part: Part, *, visit: Visit) -> Markup:
    match part:
        case datetime():
            return _time(part, visit=visit)
        case timedelta():
            return escape(duration_text(part))
        case Named(kind="runs"):
            return Markup('<a href="{}"><code>{}</code></a>').format(visit.path("runs", part.id), part.id[:_SHORT])
        case Named():
            return Markup('<a href="{}">{}</a>').format(visit.path(part.kind, part.id), part.id)
    return escape(reason_text(part, now=visit.now, zone=visit.reader.zone))


def _time(instant: datetime, *, visit: Visit) -> Markup:
    """Return a time as a person says it: `16:05:09 (3 min ago)`."""
    return Markup(
        '<time datetime="{utc}" title="{utc}">{at} <span class=ago>(<span data-ago>{ago}</span>)</span></time>'
    ).format(
        utc=instant_text(instant),
        at=absolute_text(instant, now=visit.now, zone=visit.reader.zone),
        ago=relative_text(instant, now=visit.now),
    )
