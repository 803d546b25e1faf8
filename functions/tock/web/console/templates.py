"""Renders the templates of the console, in which every value is escaped unless it is markup of Tock's own."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tock.core.time.instant import instant_text
from tock.version import VERSION
from tock.web.console.assets import asset_path
from tock.web.console.marks import SHAPES, shape_of
from tock.web.console.reasons import reason_text
from tock.web.console.times import day_and_time_text, duration_text, relative_text, time_markup
from tock.web.resources.authors import author_first, author_text
from tock.web.resources.runs.shown_status import LATER, shown_status, shown_word
from tock.web.resources.runs.why import why

_FOLDER = Path(__file__).with_name("templates")


def render(template: str, **context: Any) -> str:
    """Return the text of a template, given by its path below `templates/`."""
    return _environment().get_template(template).render(**context)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals |= {
        "LATER": LATER,
        "SHAPES": SHAPES,
        "asset": asset_path,
        "shape_of": shape_of,
        "shown_word": shown_word,
        "version": VERSION,
        "when": time_markup,
    }
    environment.filters |= {
        "author": author_text,
        "author_first": author_first,
        "combined": _combined,
        "day_and_time": day_and_time_text,
        "duration": duration_text,
        "instant": instant_text,
        "pretty": _pretty,
        "reason": reason_text,
        "relative": relative_text,
        "shown_status": shown_status,
        "why": why,
        "words": _words,
    }
    return environment


def _pretty(value: Any) -> str:
    """Return a JSON value as people read it."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def _combined(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of both, for calls that take one mapping only."""
    return {**one, **other}


def _words(value: str) -> str:
    """Return the name of a status or a reason as words: `timed_out` is `timed out`."""
    return value.replace("_", " ")
