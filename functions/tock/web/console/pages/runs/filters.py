"""Which runs a list shows, and which page of it: what stands in its address, as typed and as the API takes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from starlette.datastructures import QueryParams

from tock.core.errors import InvalidArgument
from tock.core.time.instant import instant_text
from tock.web.console.forms.local_time import field_text, instant_of
from tock.web.console.pages.runs.within import WITHIN, begin_of
from tock.web.resources.plausible import FIRST
from tock.web.resources.runs.run_query import RunQuery
from tock.web.validation_errors import invalid_request

#: The fields that hold one text.
TEXTS = ("agent", "trigger", "source", "subject", "since", "until", "within", "sort")
_TIMES = ("since", "until")
#: Under which name a button sends the stretch of time that it chooses, with the fields of its form; empty for any time.
SHORTCUT = "time"
#: How many pages one can go back; an address holds no more tokens.
MOST_BACK = 10


@dataclass(frozen=True, slots=True)
class RunFilters:
    """The filters of a list of runs."""

    #: What the fields hold; a time is one of the reader's zone.
    texts: Mapping[str, str]
    statuses: tuple[str, ...]
    #: The same as the API takes it; None if something is refused.
    query: RunQuery | None
    #: Why a field was refused, by its name.
    problems: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, given: QueryParams, *, zone: ZoneInfo, now: datetime) -> "RunFilters":
        """Return the filters of an address. A field that is refused is told in `problems`.

        Times that somebody typed come before `within`, which names a time before now; a shortcut comes before both.
        """
        texts = {name: given.get(name, "").strip() for name in TEXTS}
        if SHORTCUT in given:
            texts |= {"since": "", "until": "", "within": given[SHORTCUT].strip()}
        statuses = tuple(status for status in given.getlist("status") if status)
        problems: dict[str, str] = {}
        values: dict[str, Any] = {name: text for name, text in texts.items() if text}
        for name in _TIMES:
            if name in values:
                try:
                    values[name] = instant_of(texts[name], zone=zone, field=name)
                    texts[name] = field_text(values[name], zone=zone)
                except InvalidArgument as exc:
                    problems[name] = exc.remedy
                    del values[name]
        if any(texts[name] for name in _TIMES):
            texts["within"] = ""
        if (within := values.pop("within", "")) and texts["within"]:
            if within in WITHIN:
                values["since"] = begin_of(within, now=now, zone=zone)
            else:
                problems["within"] = f"takes {', '.join(WITHIN)}"
        try:
            query = RunQuery.model_validate(values | {"status": statuses})
        except ValidationError as exc:
            problems |= {each.field: each.message for each in invalid_request(exc.errors()).field_errors}
        return cls(texts, statuses, None if problems else query, problems)

    @property
    def address(self) -> dict[str, str | tuple[str, ...]]:
        """The filters as an address names them, without those that are empty."""
        named = {name: text for name, text in self.texts.items() if text}
        return named | ({"status": self.statuses} if self.statuses else {})

    @property
    def any(self) -> bool:
        """Whether some runs are left out; another order leaves out none."""
        return bool(self.statuses) or any(text for name, text in self.texts.items() if name != "sort")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the list a page begins: the tokens of the pages before it, its own, and how many runs come before.

    All pages show what there was when the first one was opened, since a token continues the same list only.
    """

    before: tuple[str, ...]
    token: str
    skipped: int
    #: When the first page was opened; for the first page itself it is now.
    opened: datetime

    @classmethod
    def of(cls, given: QueryParams, *, now: datetime) -> "Place":
        """Return the place that an address names; what is no number counts as the first page, and no time as now."""
        skipped = given.get("skipped", "")
        return cls(
            opened=_opened(given, now=now),
            before=tuple(given.getlist("before")),
            token=given.get("page_token", ""),
            skipped=int(skipped) if skipped.isdecimal() and len(skipped) < 9 else 0,  # noqa: PLR2004 - a number of runs
        )

    @property
    def is_first(self) -> bool:
        """Whether it is the first page, which new runs come to."""
        return not self.token

    def next(self, token: str, *, shown: int) -> dict[str, str | tuple[str, ...]]:
        """Return how the address of the next page names its place."""
        before = (*self.before, self.token)[-MOST_BACK:]
        return self._named(before, token, skipped=self.skipped + shown)

    def previous(self, *, size: int) -> dict[str, str | tuple[str, ...]] | None:
        """Return how the address of the page before names its place; None if it is not known."""
        if not self.before:
            return None
        return self._named(self.before[:-1], self.before[-1], skipped=max(0, self.skipped - size))

    def _named(self, before: tuple[str, ...], token: str, *, skipped: int) -> dict[str, str | tuple[str, ...]]:
        opened = instant_text(self.opened)
        return {"before": before, "page_token": token, "skipped": str(skipped), "opened": opened}


def _opened(given: QueryParams, *, now: datetime) -> datetime:
    if not given.get("page_token"):
        return now
    try:
        opened = datetime.fromisoformat(given.get("opened", ""))
    except ValueError:
        return now
    return opened if opened.tzinfo is not None and FIRST <= opened < now else now
