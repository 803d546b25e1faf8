"""Run a trigger now: the dialog, what the server would refuse of it while somebody types, and the start."""

from collections.abc import Mapping

from starlette.responses import JSONResponse, Response

from tock.app.abilities import is_able
from tock.app.as_stored import as_stored
from tock.app.lock_holder import lock_holder
from tock.app.start.require_startable import require_startable
from tock.app.start.run_now import RunOptions, run_trigger
from tock.core.agent import Agent
from tock.core.errors import KeyReused
from tock.core.git_ref import require_ref
from tock.core.ids import lock_id
from tock.core.trigger.trigger import Trigger
from tock.ports.executor import Ability
from tock.ports.store import Versioned
from tock.web.console.form import Form
from tock.web.console.pages.triggers.found import found_trigger
from tock.web.console.refused import NOTHING_REFUSED, REFUSALS, Refused
from tock.web.console.routing import get, post
from tock.web.console.visit import Visit
from tock.web.console.written import json_text, json_value, optional_text
from tock.web.requests import parse
from tock.web.resources.runs.run_request import RunRequest

_FIELDS = ("input.message", "input.payload", "input.model", "input.ref", "subject")


async def show_run_now(visit: Visit) -> Response:
    """Show the dialog with the trigger's own input, and a key: however often it is sent, it starts one run."""
    trigger = await found_trigger(visit)
    return await _dialog(visit, trigger, texts=_texts(trigger), key=visit.services.random.token())


async def run_now(visit: Visit) -> Response:
    """Start a run, and show it."""
    trigger = await found_trigger(visit)
    key = visit.form.text("key") or visit.services.random.token()
    try:
        launched = await run_trigger(
            visit.services,
            project=visit.project,
            trigger=trigger.id,
            options=_written(visit.form, trigger),
            key=key,
            by=visit.known.author,
        )
    except REFUSALS as exc:
        # The key belongs to a run that was started from this page before, with another input.
        key = visit.services.random.token() if isinstance(exc, KeyReused) else key
        texts = {name: visit.form.text(name) for name in _FIELDS}
        return await _dialog(visit, trigger, texts=texts, key=key, refused=Refused.of(exc, visit, fields=_FIELDS))
    said = "The run is started." if launched.created else "This run was started before: nothing new is started."
    return visit.go_on(visit.path("runs", launched.run.id), notice=said)


async def check_run_now(visit: Visit) -> Response:
    """Say what the server would refuse of the dialog as it is; nothing is started."""
    trigger = await found_trigger(visit)
    try:
        options = _written(visit.form, trigger)
        ref = options.ref if "ref" in options.model_fields_set else trigger.input.ref
        require_ref(ref, field="input.ref")
        if (agent := await _agent(visit, trigger)) is not None:
            require_startable(visit.services, agent, ref=ref, then="run it")
    except REFUSALS as exc:
        refused = Refused.of(exc, visit, fields=_FIELDS)
        return JSONResponse({"fields": dict(refused.fields), "others": list(refused.others)})
    return JSONResponse({"fields": {}, "others": []})


def _texts(trigger: Trigger) -> Mapping[str, str]:
    """Return what the fields hold at first: the trigger's own input."""
    given = trigger.input
    return {
        "input.message": given.message or "",
        "input.payload": json_text(given.payload) if given.payload else "",
        "input.model": given.model or "",
        "input.ref": given.ref or "",
        "subject": "",
    }


def _written(form: Form, trigger: Trigger) -> RunOptions:
    """Return what differs from the trigger's own input: an emptied field clears that, one as it was keeps it."""
    payload = json_value(form, "input.payload")
    given = {
        "message": optional_text(form, "input.message"),
        "payload": {} if payload is None else payload,
        "model": (optional_text(form, "input.model") or "").strip() or None,
        "ref": (optional_text(form, "input.ref") or "").strip() or None,
    }
    changed = {
        name: value
        for name, value in given.items()
        if f"input.{name}" in form and value != getattr(trigger.input, name)
    }
    return parse(RunRequest, {"input": changed, "subject": optional_text(form, "subject")}).options


async def _dialog(
    visit: Visit, trigger: Trigger, *, texts: Mapping[str, str], key: str, refused: Refused = NOTHING_REFUSED
) -> Response:
    agent = await _agent(visit, trigger)
    lock = lock_id(subject=f"trigger:{trigger.id}")
    _, active = await lock_holder(visit.services, project=visit.project, lock=lock)
    takes_ref = (
        agent is not None and agent.kind in visit.services.executors and is_able(visit.services, agent, Ability.REF)
    )
    return visit.page(
        "triggers/run_now.html",
        status=refused.status,
        trigger=trigger,
        texts=texts,
        key=key,
        refused=refused,
        takes_ref=takes_ref or bool(trigger.input.ref),
        active=None if active is None else active.value.id,
    )


async def _agent(visit: Visit, trigger: Trigger) -> Agent | None:
    found = await as_stored(visit.services.store.agent(visit.project, trigger.agent))
    return found.value if isinstance(found, Versioned) else None


ROUTES = (
    get("/projects/{project}/triggers/{trigger}/run", show_run_now),
    post("/projects/{project}/triggers/{trigger}/run", run_now),
    post("/projects/{project}/triggers/{trigger}/run/check", check_run_now),
)
