"""The page of the editor: the form with a draft, what it would do, and why nothing was saved if that is so."""

from dataclasses import dataclass

from starlette.responses import Response

from tock.core.errors import AlreadyExists
from tock.core.fields.differing import differing_fields
from tock.core.trigger.trigger import PauseReason, Trigger, TriggerSpec
from tock.web.console.pages.triggers.editor.trigger_form.agents import agent_choices
from tock.web.console.pages.triggers.editor.trigger_form.control import text
from tock.web.console.pages.triggers.editor.trigger_form.controls import CONTROLS, OWN_EVIDENCE
from tock.web.console.pages.triggers.editor.trigger_form.cron_forms import BUILDER_CONTROLS, WEEKDAYS
from tock.web.console.pages.triggers.editor.trigger_form.draft import FORM, ID, Draft
from tock.web.console.pages.triggers.editor.trigger_form.outlook import look_ahead
from tock.web.console.pages.triggers.editor.trigger_form.schedule_form import BUILDERS, PRESETS
from tock.web.console.times import relative_text
from tock.web.console.visit import Visit
from tock.web.error_responses import answered_problem
from tock.web.resources.authors import author_first

#: The policies that are folded away until somebody wants them.
_RARE = frozenset({"catch_up", "start_deadline", "retry", "session", "progress_every", "evidence"})


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody else changed the trigger while the form was open."""

    #: As the first words of a sentence.
    by: str
    when: str
    #: The revision that would be saved over, and the fields that would then change.
    revision: int
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing was saved, and the status of the answer that says so."""

    status: int
    message: str
    conflict: Conflict | None = None


WRONG = Refusal(400, "Nothing was saved yet: correct the fields that are marked.")


async def editor_page(
    visit: Visit, draft: Draft, *, trigger: Trigger | None = None, refusal: Refusal | None = None
) -> Response:
    """Show the form with a draft; for a page that is open already, only the preview and the errors of its fields."""
    outlook, draft = look_ahead(
        draft,
        now=visit.now,
        shortest_interval=visit.services.timing.shortest_interval,
        is_new=trigger is None,
    )
    chosen = text(draft.texts, "agent").strip()
    # Somebody who types asks for the preview again and again; only the whole page offers agents.
    agents = None if visit.is_partial else await agent_choices(visit.services, visit.project, chosen=chosen)
    return visit.page(
        "triggers/editor/preview.html" if visit.is_partial else "triggers/editor/editor.html",
        status=200 if refusal is None else refusal.status,
        trigger=trigger,
        draft=draft,
        revision=visit.form.text("revision") or (trigger.revision if trigger else ""),
        controls=CONTROLS,
        agents=agents,
        outlook=outlook,
        rarely=_has_rare_errors(draft),
        was_ended=trigger is not None and _was_ended(trigger),
        refusal=refusal,
        builders=BUILDERS,
        builder_controls=BUILDER_CONTROLS,
        presets=PRESETS,
        weekdays=WEEKDAYS,
        own_evidence=OWN_EVIDENCE,
        action=visit.path("triggers", "new") if trigger is None else visit.path("triggers", trigger.id, "edit"),
    )


async def refused_page(visit: Visit, draft: Draft, error: Exception, *, trigger: Trigger | None = None) -> Response:
    """Show the form again, with the sentence of a use case beside the field that it names."""
    problem = answered_problem(error, request=visit.request)
    if isinstance(error, AlreadyExists):
        draft = draft.with_errors([(ID, f"{problem.detail} Choose another id.")])
    draft = draft.with_errors((each.field, each.message) for each in problem.errors)
    message = draft.errors.get(FORM) or (WRONG.message if draft.errors else problem.detail)
    return await editor_page(visit, draft, trigger=trigger, refusal=Refusal(problem.status, message))


async def conflict_page(visit: Visit, draft: Draft, trigger: Trigger) -> Response:
    """Show the form again, and who was faster: the person may look at that version, or save over it."""
    differing = draft.changed
    if draft.spec is not None:
        differing = differing_fields(trigger, draft.spec, fields=TriggerSpec.model_fields)
    conflict = Conflict(
        by=author_first(trigger.updated.by),
        when=relative_text(trigger.updated.at, now=visit.now),
        revision=trigger.revision,
        fields=tuple(sorted(differing)),
    )
    message = f"{conflict.by} changed this trigger {conflict.when}, while your form was open: nothing was saved."
    return await editor_page(visit, draft, trigger=trigger, refusal=Refusal(412, message, conflict))


def _was_ended(trigger: Trigger) -> bool:
    """Whether a tick disabled the trigger, so that another schedule enables it again (`edit_trigger`)."""
    return trigger.paused is not None and trigger.paused.reason is not PauseReason.DISABLED


def _has_rare_errors(draft: Draft) -> bool:
    """Whether something is wrong among the policies that are folded away."""
    return any(name.partition(".")[0] in _RARE for name in draft.errors)
