"""The dialog itself, what the server would refuse of it while somebody types, and the start."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.responses import Response

from tock.app.abilities import is_able
from tock.app.lock_holder import lock_holder
from tock.app.start.require_startable import require_startable
from tock.app.start.run_now import RunOptions
from tock.core.errors import KeyReused
from tock.core.fields.git_ref import require_ref
from tock.core.trigger.trigger import Input
from tock.ports.executor import Ability
from tock.web.console.forms.form import Form
from tock.web.console.forms.written import json_text, json_value, optional_text
from tock.web.console.pages.run_now.startable import Startable, startable_agent, startable_trigger
from tock.web.console.refused import NOTHING_REFUSED, REFUSALS, Refused
from tock.web.console.routing import Handler, get, post
from tock.web.console.visit import Visit
from tock.web.requests import parse
from tock.web.resources.runs.run_request import RunRequest

_FIELDS = ("input.message", "input.payload", "input.model", "input.ref", "subject")
_Find = Callable[[Visit], Awaitable[Startable]]


def _show(find: _Find) -> Handler:
    async def show(visit: Visit) -> Response:
        """Show the dialog, with a key of its own: however often it is sent, it starts one run."""
        what = await find(visit)
        return await _dialog(visit, what, texts=_texts(what.input), key=visit.services.random.token())

    return show


def _start(find: _Find) -> Handler:
    async def start(visit: Visit) -> Response:
        """Start a run, and show it."""
        what = await find(visit)
        key = visit.form.text("key") or visit.services.random.token()
        try:
            launched = await what.start(options=_written(visit.form, what.input), key=key)
        except REFUSALS as exc:
            # The key belongs to a run that was started from this page before, with another input.
            key = visit.services.random.token() if isinstance(exc, KeyReused) else key
            texts = {name: visit.form.text(name) for name in _FIELDS}
            return await _dialog(visit, what, texts=texts, key=key, refused=Refused.of(exc, visit, fields=_FIELDS))
        said = "The run is started." if launched.created else "This run was started before: nothing new is started."
        return visit.go_on(visit.path("runs", launched.run.id), notice=said)

    return start


def _check(find: _Find) -> Handler:
    async def check(visit: Visit) -> Response:
        """Say what the server would refuse of the dialog as it is; nothing is started."""
        what = await find(visit)
        try:
            options = _written(visit.form, what.input)
            ref = options.ref if "ref" in options.model_fields_set else what.input.ref
            require_ref(ref, field="input.ref")
            if what.agent is not None:
                require_startable(visit.services, what.agent, ref=ref, then="run it")
        except REFUSALS as exc:
            return Refused.foreseen(exc, visit, fields=_FIELDS).as_json()
        return NOTHING_REFUSED.as_json()

    return check


def _texts(given: Input) -> Mapping[str, str]:
    return {
        "input.message": given.message or "",
        "input.payload": json_text(given.payload) if given.payload else "",
        "input.model": given.model or "",
        "input.ref": given.ref or "",
        "subject": "",
    }


def _written(form: Form, own: Input) -> RunOptions:
    """Return what differs from the own input: an emptied field clears that, one as it was keeps it."""
    payload = json_value(form, "input.payload")
    given = {
        "message": optional_text(form, "input.message"),
        "payload": {} if payload is None else payload,
        "model": (optional_text(form, "input.model") or "").strip() or None,
        "ref": (optional_text(form, "input.ref") or "").strip() or None,
    }
    changed = {name: value for name, value in given.items() if f"input.{name}" in form and value != getattr(own, name)}
    return parse(RunRequest, {"input": changed, "subject": optional_text(form, "subject")}).options


async def _dialog(
    visit: Visit, what: Startable, *, texts: Mapping[str, str], key: str, refused: Refused = NOTHING_REFUSED
) -> Response:
    return visit.page(
        "run_now.html",
        status=refused.status,
        what=what,
        texts=texts,
        key=key,
        refused=refused,
        takes_ref=_takes_ref(visit, what),
        active=await _active_run(visit, what),
    )


def _takes_ref(visit: Visit, what: Startable) -> bool:
    if what.input.ref:
        return True
    executors = visit.services.executors
    return what.agent is not None and what.agent.kind in executors and is_able(visit.services, what.agent, Ability.REF)


async def _active_run(visit: Visit, what: Startable) -> str | None:
    """Return the run that is in the way of one without a subject."""
    if what.lock is None:
        return None
    _, active = await lock_holder(visit.services, project=visit.project, lock=what.lock)
    return None if active is None else active.value.id


ROUTES = tuple(
    route
    for path, find in (
        ("/projects/{project}/agents/{agent}/run", startable_agent),
        ("/projects/{project}/triggers/{trigger}/run", startable_trigger),
    )
    for route in (get(path, _show(find)), post(path, _start(find)), post(f"{path}/check", _check(find)))
)
