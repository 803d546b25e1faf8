"""The form of a trigger: what is not touched stays as it is, and each field can be written."""

from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from tock.core.agent.evidence import Evidence
from tock.core.policies import CatchUp, Overlap, Retry
from tock.core.schedule.schedule import CronSchedule, IntervalSchedule, OnceSchedule
from tock.core.trigger.trigger import Input, TriggerSpec
from tock.web.console.pages.triggers.editor.trigger_form.controls import CONTROLS
from tock.web.console.pages.triggers.editor.trigger_form.cron_forms import Builder, builder_of, cron_of
from tock.web.console.pages.triggers.editor.trigger_form.draft import Draft, opened, sent, typed
from tock.web.console.pages.triggers.editor.trigger_form.schedule_form import PRESETS
from web.console.specs import CRONS, ZONES, as_sent, fields_of, specs

BERLIN = ZoneInfo("Europe/Berlin")
DAILY = CronSchedule(cron="0 9 * * *", time_zone="Europe/Berlin")
_SKIPPED = (
    "does not exist in Europe/Berlin: the clocks go forward from 02:00 to 03:00 on 2027-03-28; choose 03:00 or later, "
    "or a time before 02:00"
)
PLAIN = TriggerSpec(agent="digest", schedule=DAILY)


def saved(spec: TriggerSpec, *, zone: ZoneInfo = BERLIN, **typed_texts: str) -> Draft:
    """The draft of a form that was opened with a trigger, in which this was typed, and that a browser sent."""
    before = fields_of(spec)
    return typed(sent(as_sent(opened(before, zone=zone).texts, **typed_texts)), before=before, zone=zone)


@given(spec=specs(), zone=st.sampled_from(ZONES).map(ZoneInfo))
@example(spec=PLAIN.model_copy(update={"input": Input(message="\r\n a\rb\n")}), zone=BERLIN)
@example(spec=PLAIN.model_copy(update={"schedule": CronSchedule(cron="0 9 1 6 *")}), zone=BERLIN)
@example(spec=PLAIN.model_copy(update={"schedule": CronSchedule(cron="0 9 * * 1-3,5")}), zone=BERLIN)
@example(spec=PLAIN.model_copy(update={"evidence": Evidence()}), zone=BERLIN)
@example(
    spec=PLAIN.model_copy(update={"schedule": OnceSchedule(at=datetime(2026, 10, 25, 1, 30, 7, 9, tzinfo=UTC))}),
    zone=BERLIN,
)
def test_a_form_that_nobody_touched_changes_nothing(spec: TriggerSpec, zone: ZoneInfo) -> None:
    draft = saved(spec, zone=zone)

    assert draft.errors == {}
    assert draft.changes == {}


@settings(max_examples=25)
@given(spec=specs(), zone=st.sampled_from(ZONES).map(ZoneInfo))
def test_an_edit_of_one_field_changes_that_one_alone(spec: TriggerSpec, zone: ZoneInfo) -> None:
    draft = saved(spec, zone=zone, description="another one")

    assert draft.changes == {"description": "another one"}


@given(cron=CRONS)
def test_an_expression_opens_in_a_form_that_writes_it_back(cron: str) -> None:
    builder, texts = builder_of(cron)

    assert builder is Builder.CRON or cron_of(builder, texts) == cron


@pytest.mark.parametrize(
    ("cron", "builder"),
    [
        ("*/15 * * * *", Builder.MINUTES),
        ("* * * * *", Builder.MINUTES),
        ("*/1 * * * *", Builder.CRON),
        ("30 * * * *", Builder.HOURLY),
        ("0 9 * * *", Builder.DAILY),
        ("00 9 * * *", Builder.CRON),
        ("0 9 * * 1-5", Builder.WEEKLY),
        ("0 9 * * 1-3,5", Builder.WEEKLY),
        ("0 9 * * 1,2,3,5", Builder.CRON),
        ("0 9 * * 7", Builder.CRON),
        ("0 9 * * MON", Builder.CRON),
        ("0 9 31 * *", Builder.MONTHLY),
        ("0 9 1 6 *", Builder.CRON),
        ("0 9 * * * 0", Builder.CRON),
        ("@daily", Builder.CRON),
    ],
)
def test_the_builder_opens_common_expressions(cron: str, builder: Builder) -> None:
    assert builder_of(cron)[0] is builder


def test_each_field_of_a_trigger_has_a_control() -> None:
    wanted = set(_leaves(TriggerSpec))

    assert set(CONTROLS) == wanted


def _leaves(model: type[BaseModel], prefix: str = "") -> Any:
    for name, field in model.model_fields.items():
        kinds = list(_models(field.annotation))
        if not kinds:
            yield f"{prefix}{name}"
        for kind in kinds:
            yield from _leaves(kind, f"{prefix}{name}.")


def _models(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


@pytest.mark.parametrize(
    ("control", "given_text", "field", "value"),
    [
        ("agent", "writer", "agent", "writer"),
        ("name", "Morning", "name", "Morning"),
        ("description", "two\r\nlines", "description", "two\nlines"),
        ("input__message", "hello", "input", Input(message="hello")),
        ("input__payload", '{"a": 1}', "input", Input(payload={"a": 1})),
        ("input__model", "small", "input", Input(model="small")),
        ("input__ref", "main", "input", Input(ref="main")),
        ("overlap", "queue", "overlap", Overlap.QUEUE),
        ("queue_depth", "3", "queue_depth", 3),
        ("session", "continue", "session", "continue"),
        ("catch_up__mode", "all", "catch_up", CatchUp(mode="all")),
        ("catch_up__window", "2h", "catch_up", CatchUp(window=timedelta(hours=2))),
        ("start_deadline", "PT15M", "start_deadline", timedelta(minutes=15)),
        ("retry__max_retries", "0", "retry", Retry(max_retries=0)),
        ("retry__delay", "90s", "retry", Retry(delay=timedelta(seconds=90))),
        ("retry__give_up_at_next", "on", "retry", Retry(give_up_at_next=True)),
        ("timeout", "1m 30s", "timeout", timedelta(seconds=90)),
        ("progress_every", "30s", "progress_every", timedelta(seconds=30)),
        ("start", "2027-01-01T09:00", "start", datetime(2027, 1, 1, 8, tzinfo=UTC)),
        ("end", "2027-07-01T09:00:30", "end", datetime(2027, 7, 1, 7, 0, 30, tzinfo=UTC)),
        ("labels", "team=shop\r\nb=", "labels", {"b": "", "team": "shop"}),
        ("schedule__time", "17:05", "schedule", CronSchedule(cron="5 17 * * *", time_zone="Europe/Berlin")),
        ("schedule__time_zone", "UTC", "schedule", CronSchedule(cron="0 9 * * *")),
    ],
)
def test_what_is_typed_is_what_the_trigger_gets(control: str, given_text: str, field: str, value: Any) -> None:
    draft = saved(PLAIN, **{control: given_text})

    assert draft.errors == {}
    assert draft.changes == {field: value}


def test_the_conditions_for_success_are_written_as_a_whole() -> None:
    draft = saved(PLAIN, evidence__own="on", evidence__events="review\r\npull_request", evidence__min_tokens="5")

    assert draft.changes == {"evidence": Evidence(events=("review", "pull_request"), min_tokens=5)}


def test_conditions_that_are_switched_off_are_those_of_the_agent_again() -> None:
    before = fields_of(PLAIN.model_copy(update={"evidence": Evidence(min_tokens=5)}))
    texts = {name: held for name, held in opened(before, zone=BERLIN).texts.items() if name != "evidence.own"}

    draft = typed(sent(as_sent(texts)), before=before, zone=BERLIN)

    assert draft.changes == {"evidence": None}


@pytest.mark.parametrize(
    ("kind", "texts", "schedule"),
    [
        ("minutes", {"minutes": "7"}, CronSchedule(cron="*/7 * * * *", time_zone="Europe/Berlin")),
        ("hourly", {"minute": "30"}, CronSchedule(cron="30 * * * *", time_zone="Europe/Berlin")),
        ("weekly", {"days": "3", "time": "08:30"}, CronSchedule(cron="30 8 * * 3", time_zone="Europe/Berlin")),
        ("monthly", {"day": "31", "time": "00:00"}, CronSchedule(cron="0 0 31 * *", time_zone="Europe/Berlin")),
        ("cron", {"cron": "0 9 1 6 *"}, CronSchedule(cron="0 9 1 6 *", time_zone="Europe/Berlin")),
        ("interval", {"every": "15m"}, IntervalSchedule(every=timedelta(minutes=15))),
        (
            "interval",
            {"every": "1d", "anchor": "2027-01-01T09:00"},
            IntervalSchedule(every=timedelta(days=1), anchor=datetime(2027, 1, 1, 8, tzinfo=UTC)),
        ),
        ("once", {"at": "2027-01-01T09:00"}, OnceSchedule(at=datetime(2027, 1, 1, 8, tzinfo=UTC))),
        (
            "once",
            {"at": "2026-10-25T02:30", "at.fold": "0"},
            OnceSchedule(at=datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ),
        (
            "once",
            {"at": "2026-10-25T02:30", "at.fold": "1"},
            OnceSchedule(at=datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ),
    ],
)
def test_each_form_of_the_builder_writes_its_schedule(kind: str, texts: dict[str, str], schedule: Any) -> None:
    given_texts = {f"schedule.{name}": text for name, text in texts.items()}

    draft = saved(PLAIN, **{"schedule.kind": kind}, **given_texts)

    assert draft.errors == {}
    assert draft.changes == {"schedule": schedule}


@pytest.mark.parametrize(
    ("texts", "control", "message"),
    [
        ({"agent": ""}, "agent", "is required: fill it in"),
        ({"timeout": "1w"}, "timeout", "'1w' is not a duration: the short form has no weeks; write '7d' or 'P1W'"),
        ({"timeout": ""}, "timeout", "is required: fill it in"),
        ({"queue_depth": "many"}, "queue_depth", "must be a whole number"),
        ({"queue_depth": "11"}, "queue_depth", "must be at most 10"),
        ({"max_parallel": "2"}, "max_parallel", "overlap is skip, which lets one run work: leave it out"),
        (
            {"input.payload": '{"a": 1,\r\n b}'},
            "input.payload",
            "is not acceptable JSON: Expecting property name enclosed in double quotes at line 2, column 2",
        ),
        ({"input.payload": "[1]"}, "input.payload", "must be a JSON object"),
        ({"labels": "team"}, "labels", "'team' is no pair: write name=value, one a line"),
        ({"labels": "team=a b"}, "labels", "takes up to 63 letters, digits, '.', '_' and '-'"),
        (
            {"schedule.time_zone": "Europe/Berln"},
            "schedule.time_zone",
            "time_zone 'Europe/Berln' is not known: did you mean 'Europe/Berlin'?",
        ),
        ({"schedule.time": ""}, "schedule.time", "takes a time of day, such as 09:00"),
        (
            {"schedule.kind": "minutes", "schedule.minutes": "60"},
            "schedule.minutes",
            "takes a whole number from 1 to 59",
        ),
        ({"schedule.kind": "once"}, "schedule.at", "is required: fill it in"),
        (
            {"schedule.kind": "once", "schedule.at": "2026-10-25T02:30"},
            "schedule.at",
            "comes twice in Europe/Berlin, because the clocks go back: choose the first or the second",
        ),
        (
            {"schedule.kind": "once", "schedule.at": "2027-03-28T02:30"},
            "schedule.at",
            _SKIPPED,
        ),
        ({"start": "2027-01-02T00:00", "end": "2027-01-01T00:00"}, "end", None),
    ],
)
def test_an_error_stands_beside_its_control(texts: dict[str, str], control: str, message: str | None) -> None:
    draft = saved(PLAIN, **texts)

    assert list(draft.errors) == [control]
    assert message is None or draft.errors[control] == message


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_preset_is_a_schedule(preset: Any) -> None:
    before = fields_of(PLAIN)

    draft = typed({**opened(before, zone=BERLIN).texts, **preset.texts}, before=before, zone=BERLIN)

    assert draft.errors == {}
    assert isinstance(draft.fields["schedule"], dict | CronSchedule)


def test_a_trigger_whose_last_fire_time_came_meanwhile_is_not_enabled_by_an_edit_of_something_else() -> None:
    once = PLAIN.model_copy(update={"schedule": OnceSchedule(at=datetime(2026, 1, 1, tzinfo=UTC))})
    form = as_sent(opened(fields_of(once), zone=BERLIN).texts, **{"enabled.was": "on", "name": "Past"})

    draft = typed(sent(form), before=fields_of(once.model_copy(update={"enabled": False})), zone=BERLIN)

    assert draft.changes == {"name": "Past"}
