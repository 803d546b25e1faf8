"""Run an agent now: the dialog, what the server would refuse of it while somebody types, and the start."""

from collections.abc import Mapping

from starlette.responses import JSONResponse, Response

from tock.app.abilities import is_able
from tock.app.start.require_startable import require_startable
from tock.app.start.run_now import run_agent
from tock.core.agent import Agent
from tock.core.errors import KeyReused
from tock.core.git_ref import require_ref
from tock.ports.executor import Ability
from tock.web.console.form import Form
from tock.web.console.pages.agents.agent import found_agent
from tock.web.console.refused import NOTHING_REFUSED, REFUSALS, Refused
from tock.web.console.routing import get, post
from tock.web.console.visit import Visit
from tock.web.console.written import json_value, optional_text
from tock.web.requests import parse
from tock.web.resources.runs.run_request import RunRequest

_FIELDS = ("input.message", "input.payload", "input.model", "input.ref", "subject")
_EMPTY: Mapping[str, str] = dict.fromkeys(_FIELDS, "")


async def show_run_now(visit: Visit) -> Response:
    """Show the dialog, with a key of its own: however often it is sent, it starts one run."""
    return _dialog(visit, await found_agent(visit), texts=_EMPTY, key=visit.services.random.token())


async def run_now(visit: Visit) -> Response:
    """Start a run, and show it."""
    agent = await found_agent(visit)
    key = visit.form.text("key") or visit.services.random.token()
    try:
        launched = await run_agent(
            visit.services,
            project=visit.project,
            agent=agent.id,
            options=_written(visit.form).options,
            key=key,
            by=visit.known.author,
        )
    except REFUSALS as exc:
        # The key belongs to a run that was started from this page before, with other words.
        key = visit.services.random.token() if isinstance(exc, KeyReused) else key
        texts = {name: visit.form.text(name) for name in _FIELDS}
        refused = Refused.of(exc, visit, fields=_FIELDS)
        return _dialog(visit, agent, texts=texts, key=key, refused=refused)
    said = "The run is started." if launched.created else "This run was started before: nothing new is started."
    return visit.go_on(visit.path("runs", launched.run.id), notice=said)


async def check_run_now(visit: Visit) -> Response:
    """Say what the server would refuse of the dialog as it is; nothing is started."""
    agent = await found_agent(visit)
    try:
        options = _written(visit.form).options
        require_ref(options.ref, field="input.ref")
        require_startable(visit.services, agent, ref=options.ref, then="run it")
    except REFUSALS as exc:
        refused = Refused.of(exc, visit, fields=_FIELDS)
        return JSONResponse({"fields": dict(refused.fields), "others": list(refused.others)})
    return JSONResponse({"fields": {}, "others": []})


def _written(form: Form) -> RunRequest:
    given = {
        "message": form.text("input.message") or None,
        "payload": json_value(form, "input.payload"),
        "model": optional_text(form, "input.model"),
        "ref": (optional_text(form, "input.ref") or "").strip() or None,
    }
    # What is left blank is left out: null would mean something else to a trigger.
    written = {name: value for name, value in given.items() if value is not None}
    return parse(RunRequest, {"input": written, "subject": optional_text(form, "subject")})


def _dialog(
    visit: Visit, agent: Agent, *, texts: Mapping[str, str], key: str, refused: Refused = NOTHING_REFUSED
) -> Response:
    return visit.page(
        "agents/run_now.html",
        status=refused.status,
        agent=agent,
        texts=texts,
        key=key,
        refused=refused,
        takes_ref=agent.kind in visit.services.executors and is_able(visit.services, agent, Ability.REF),
    )


ROUTES = (
    get("/projects/{project}/agents/{agent}/run", show_run_now),
    post("/projects/{project}/agents/{agent}/run", run_now),
    post("/projects/{project}/agents/{agent}/run/check", check_run_now),
)
