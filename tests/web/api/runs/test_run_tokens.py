"""The token of a run that has ended opens nothing; nor does another run's, an altered one, or one sent elsewhere."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tock.core.run.events.event import Chunk
from tock.core.run.run import Run
from tock.core.run.run_token import RunTokens
from tock.core.run.status import RunStatus
from tock.ports.store import Change, Create, Versioned
from tock.web.api.app import create_app
from tock.web.functions.run import handle_run
from tock.web.functions.tick import handle_tick
from tock.web.functions.trigger_and_retry import handle_retry, handle_trigger
from web.rig import ADMIN_KEY, RUN_TOKENS, Rig, client_of, created, function_app, ok, problem
from web.test_authentication import ROUTES

pytestmark = pytest.mark.anyio
#: What a run's token opens, with a body that each takes.
CALLS: list[tuple[str, Any]] = [
    (":callback", {"pages": 3}),
    ("/events", {"events": [{"kind": "read"}]}),
    (":checkpoint", {"state": 1}),
]
ENDED = [status for status in RunStatus if status.terminal]


async def _stored(rig: Rig, run: str) -> Versioned[Run]:
    found = await rig.services.store.run("acme", run)
    assert found is not None
    return found


async def _contents(rig: Rig, run: str) -> tuple[Run, tuple[Any, ...]]:
    page = await rig.services.store.events("acme", run, since=0, limit=100)
    return (await _stored(rig, run)).value, page.events


async def _with_status(rig: Rig, status: RunStatus) -> str:
    """Return the id of a run that has been given this status."""
    run = str((await rig.start())["id"])
    before = await _stored(rig, run)
    after = before.value.model_copy(update={"status": status, "check_at": None})
    await rig.services.store.commit([Change(before=before, after=after)])
    return run


def _agent(rig: Rig, token: str) -> Any:
    return client_of(create_app(rig.deployment), key=token)


async def _statuses(rig: Rig, token: str, run: str) -> list[int]:
    """Return what each route of agents answers to this token."""
    agent = _agent(rig, token)
    answers = [await agent.post(f"/v1/projects/acme/runs/{run}{call}", json=body) for call, body in CALLS]
    assert all(token not in answer.text for answer in answers)
    return [answer.status_code for answer in answers]


@pytest.mark.parametrize("status", ENDED)
async def test_once_a_run_has_ended_its_token_opens_nothing(rig: Rig, status: RunStatus) -> None:
    run = await _with_status(rig, status)
    before = await _contents(rig, run)
    token = RUN_TOKENS.token(project="acme", run=run)

    calls = await _statuses(rig, token, run)
    agent = _agent(rig, token)
    others = [(await agent.request(method, path, json={})).status_code for method, path in ROUTES]

    assert calls == [401] * len(CALLS)
    assert set(others) == {401}
    assert await _contents(rig, run) == before


@pytest.mark.parametrize("status", [each for each in RunStatus if not each.terminal])
async def test_until_then_it_opens_what_it_is_for(rig: Rig, status: RunStatus) -> None:
    """So that the test before can fail: these are answers about the run, not about the token."""
    run = await _with_status(rig, status)

    assert 401 not in await _statuses(rig, RUN_TOKENS.token(project="acme", run=run), run)


async def test_a_run_that_repeats_another_is_not_opened_by_its_token(rig: Rig) -> None:
    source = await rig.execute(await rig.start())
    repeated = (await rig.api.post(f"/v1/projects/acme/runs/{source['id']}:retry", json={})).json()
    before = await _contents(rig, repeated["id"])

    token = RUN_TOKENS.token(project="acme", run=source["id"])

    assert await _statuses(rig, token, repeated["id"]) == [404] * len(CALLS)
    assert await _statuses(rig, token, source["id"]) == [401] * len(CALLS)
    assert await _contents(rig, repeated["id"]) == before


#: How a token may be altered; each returns another text for the same run.
ALTERED: dict[str, Callable[[str, str], str]] = {
    "the last character": lambda token, _: token[:-1] + ("A" if token[-1] != "A" else "B"),
    "the first character of the signature": lambda token, _: (
        token[:-43] + ("A" if token[-43] != "A" else "B") + token[-42:]
    ),
    "a character less": lambda token, _: token[:-1],
    "padding": lambda token, _: f"{token}=",
    "another case": lambda token, _: token.swapcase(),
    "no signature": lambda token, _: token[:-43],
    "a prefix more": lambda token, _: f"tock-run.{token}",
    "white space inside": lambda token, _: token.replace("/", "/ ", 1),
    "another key": lambda _, run: RunTokens("another-key-of-the-same-length-as").token(project="acme", run=run),
    "another project's signature": lambda _, run: RUN_TOKENS.token(project="other", run=run).replace("other", "acme"),
    "another run's signature": lambda _, run: RUN_TOKENS.token(project="acme", run="r-2").replace("r-2", run),
    "a path of a project": lambda _, run: RUN_TOKENS.token(project="../acme", run=run),
    "the admin key": lambda *_: ADMIN_KEY,
    "the key of tokens": lambda *_: RUN_TOKENS.key,
}


@pytest.mark.parametrize("how", ALTERED)
async def test_an_altered_token_opens_nothing(rig: Rig, how: str) -> None:
    run = await _with_status(rig, RunStatus.WAITING)
    before = await _contents(rig, run)

    statuses = await _statuses(rig, ALTERED[how](RUN_TOKENS.token(project="acme", run=run), run), run)

    assert statuses == [401] * len(CALLS)
    assert await _contents(rig, run) == before


@pytest.mark.parametrize("place", ["a query", "a cookie", "a proxy's header", "basic credentials"])
async def test_a_token_anywhere_but_in_its_header_opens_nothing(rig: Rig, place: str) -> None:
    run = await _with_status(rig, RunStatus.WAITING)
    token = RUN_TOKENS.token(project="acme", run=run)
    headers = {
        "a cookie": {"Cookie": f"token={token}"},
        "a proxy's header": {"X-Serverless-Authorization": f"Bearer {token}"},
        "basic credentials": {"Authorization": f"Basic {token}"},
    }.get(place, {})
    query = {"access_token": token, "token": token} if place == "a query" else {}
    caller = client_of(create_app(rig.deployment), key=None)

    for call, body in CALLS:
        path = f"/v1/projects/acme/runs/{run}{call}"
        answer = await caller.post(path, json=body, headers=headers, params=query)
        assert answer.status_code in {400, 401}
        assert token not in answer.text


async def test_a_token_opens_none_of_the_functions(rig: Rig) -> None:
    run = await _with_status(rig, RunStatus.WAITING)
    token = RUN_TOKENS.token(project="acme", run=run)
    service = {"service_accounts": frozenset({"tock@acme.example"}), "tick_audience": "tick", "run_audience": "run"}
    deployment = replace(rig.deployment, access=replace(rig.deployment.access, **service))
    bodies: dict[Any, dict[str, Any]] = {
        handle_trigger: {"project": "acme", "agent": "digest"},
        handle_retry: {"project": "acme", "run": run},
        handle_run: {"project": "acme", "run": run, "attempt": 1, "dispatch": 1},
        handle_tick: {},
    }

    for function, body in bodies.items():
        answer = await client_of(function_app(function, deployment), key=token).post("/", json=body)
        problem(answer, 401)


async def test_a_stream_shows_the_callers_project_only(rig: Rig) -> None:
    await rig.make_project("other")
    run = await rig.execute(await rig.start())
    own = await _stored(rig, run["id"])
    namesake = own.value.model_copy(update={"project": "other"})
    [event, *_] = (await _contents(rig, run["id"]))[1]
    foreign = event.model_copy(update={"kind": "foreign", "data": "of the other project"})
    chunk = Chunk(
        project="other",
        run=run["id"],
        first_seq=event.seq,
        last_seq=event.seq,
        events=(foreign,),
        expire_at=own.value.created.at,
    )
    await rig.services.store.commit([Create(value=namesake), Create(value=chunk)])
    key = str(created(await rig.api.post("/v1/projects/acme/api-keys", json={}))["token"])
    caller = client_of(create_app(rig.deployment), key=key)

    for path in ("events", "events:stream"):
        shown = await caller.get(f"/v1/projects/acme/runs/{run['id']}/{path}")
        hidden = await caller.get(f"/v1/projects/other/runs/{run['id']}/{path}")

        assert shown.status_code == 200
        assert "progress" in shown.text
        assert "foreign" not in shown.text
        assert problem(hidden, 404)["code"] == "not_found"
    everything = ok(await rig.api.get(f"/v1/projects/other/runs/{run['id']}/events"))["events"]
    assert "foreign" in [each["kind"] for each in everything]
