"""A draft: what the form holds, which fields of the trigger that changes, and what is wrong with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from tock.core.errors import InvalidArgument
from tock.core.trigger.trigger import TriggerSpec
from tock.web.console.forms.form import Form
from tock.web.console.pages.triggers.editor.trigger_form.control import ON, Control, Texts, text
from tock.web.console.pages.triggers.editor.trigger_form.controls import CONTROLS, OTHERS, OWN_EVIDENCE
from tock.web.console.pages.triggers.editor.trigger_form.cron_forms import BUILDER_CONTROLS, DAYS
from tock.web.console.pages.triggers.editor.trigger_form.schedule_form import place_of, schedule_of, schedule_texts
from tock.web.errors import FieldError, InvalidRequest
from tock.web.requests import parse

#: The place of an error that belongs to no control.
FORM = ""
#: The id of a new trigger; an edit leaves it as it is.
ID = "id"
#: A hidden control: what `enabled` was when the form was opened.
WAS_ENABLED = "enabled.was"


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form holds. An error stands beside the control that it names."""

    texts: Texts
    zone: ZoneInfo
    #: Whether the trigger was enabled when the form was opened.
    was_enabled: bool
    #: All fields of the trigger: those that were typed, and the others as they were before. A schedule that cannot be
    #: read is None.
    fields: Mapping[str, Any]
    #: The names of the fields that were typed.
    changed: frozenset[str]
    errors: Mapping[str, str]
    #: The fields as a whole; None while one of them is wrong.
    spec: TriggerSpec | None

    @property
    def changes(self) -> dict[str, Any]:
        """The fields that were typed. Only a draft without errors has them."""
        if self.spec is None:
            raise RuntimeError("a draft with errors changes nothing")
        return {field: getattr(self.spec, field) for field in self.changed}

    def holds(self, name: str) -> tuple[str, ...]:
        """Return what a control holds."""
        return self.texts.get(name, ())

    def with_errors(self, errors: Iterable[tuple[str, str]]) -> "Draft":
        """Return the draft with further errors of fields, each beside the control that is to be corrected."""
        placed = dict(self.errors)
        for field, message in errors:
            placed.setdefault(_place(field, self.texts), message)
        return replace(self, errors=placed)

    def without_omissions(self) -> "Draft":
        """Return the draft without the errors of empty controls, which whoever is still typing will fill in."""
        given = {name: each for name, each in self.errors.items() if name == DAYS or text(self.texts, name).strip()}
        return replace(self, errors=given)


def opened(fields: Mapping[str, Any], *, zone: ZoneInfo) -> Draft:
    """Return the draft of a form that nobody has touched, whose local times are of this zone."""
    texts = _shown(fields, zone=zone)
    return Draft(texts, zone, bool(fields["enabled"]), fields=fields, changed=frozenset(), errors={}, spec=None)


def sent(form: Form) -> Texts:
    """Return what the controls of a form hold that a browser sent."""
    names = (
        *CONTROLS,
        *BUILDER_CONTROLS,
        OWN_EVIDENCE,
        WAS_ENABLED,
        ID,
        *(control.fold for control in CONTROLS.values()),
    )
    return {name: form.texts(name) for name in names if name in form}


def typed(texts: Texts, *, before: Mapping[str, Any], zone: ZoneInfo) -> Draft:
    """Return what was typed into a form that showed `before`, with the errors of every field that cannot be accepted.

    A control that holds what was shown keeps the very value, whatever its text can say of it.
    """
    shown = dict(_shown(before, zone=zone))
    # A tick may have disabled it since, because its last fire time has come: that is no wish of the person.
    shown["enabled"] = tuple(filter(None, texts.get(WAS_ENABLED, shown["enabled"])))
    fields, changed, errors = dict(before), set[str](), dict[str, str]()
    try:
        fields["schedule"] = schedule_of(texts, shown=shown, before=before["schedule"], zone=zone)
        if fields["schedule"] is not before["schedule"]:
            changed.add("schedule")
    except InvalidArgument as exc:
        errors[place_of(exc.field, texts)] = exc.remedy
        fields["schedule"] = None
    for control in OTHERS:
        if control.is_same(shown, texts):
            continue
        field, _, member = control.path.partition(".")
        changed.add(field)
        try:
            value = control.value(texts, zone=zone)
        except ValueError as exc:
            errors[control.path] = str(exc)
            continue
        fields[field] = {**_members(fields[field]), member: value} if member else value
    if bool(texts.get(OWN_EVIDENCE)) != bool(shown.get(OWN_EVIDENCE)):
        changed.add("evidence")
        fields["evidence"] = _members(fields["evidence"])
    if not texts.get(OWN_EVIDENCE):
        fields["evidence"] = None
    draft = Draft(
        texts, zone, bool(shown["enabled"]), fields=fields, changed=frozenset(changed), errors=errors, spec=None
    )
    try:
        spec = parse(TriggerSpec, fields | {"schedule": fields["schedule"] or before["schedule"]})
    except InvalidRequest as exc:
        return draft.with_errors((each.field, _required(each)) for each in exc.field_errors)
    return draft if errors else replace(draft, spec=spec)


def _shown(fields: Mapping[str, Any], *, zone: ZoneInfo) -> Texts:
    texts: dict[str, tuple[str, ...]] = dict(schedule_texts(fields["schedule"], zone=zone))
    for control in OTHERS:
        texts |= control.shown(_value(fields, control), zone=zone)
    texts[OWN_EVIDENCE] = () if fields["evidence"] is None else (ON,)
    return texts


def _required(error: FieldError) -> str:
    """Return the message of an error; a form leaves no field out, it leaves it empty."""
    return "is required: fill it in" if error.value is None else error.message


def _value(fields: Mapping[str, Any], control: Control) -> Any:
    field, _, member = control.path.partition(".")
    return _members(fields[field]).get(member) if member else fields[field]


def _members(value: Any) -> dict[str, Any]:
    """Return the members of a field that is an object; of evidence that is not asked for, none."""
    return {} if value is None else dict(value)


def _place(field: str, texts: Texts) -> str:
    if field.partition(".")[0] == "schedule":
        return place_of(field, texts)
    names = (field.rsplit(".", maxsplit=cut)[0] for cut in range(field.count(".") + 1))
    return next((name for name in names if name in CONTROLS or name == ID), FORM)
