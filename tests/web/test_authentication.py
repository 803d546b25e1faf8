"""Access: the admin key opens every project, a project key that project, and nobody else gets in."""

import httpx
import pytest

from tock.app.services import Services
from tock.web.api.app import create_app
from tock.web.deployment import Access, Deployment
from tock.web.functions.trigger_and_retry import handle_trigger
from web.rig import (
    ADMIN_KEY,
    ADMIN_KEY_HASH,
    DIGEST,
    LOCAL,
    NobodyVerifies,
    Rig,
    client_of,
    created,
    function_app,
    make_rig,
    ok,
    problem,
)

pytestmark = pytest.mark.anyio
ROUTES = [
    ("GET", "/v1/projects"),
    ("POST", "/v1/projects"),
    ("GET", "/v1/projects/acme"),
    ("PATCH", "/v1/projects/acme"),
    ("PUT", "/v1/projects/acme"),
    ("DELETE", "/v1/projects/acme"),
    ("GET", "/v1/projects/acme/upcoming"),
    ("GET", "/v1/projects/acme/diagnosis"),
    ("POST", "/v1/projects/acme:repair"),
    ("GET", "/v1/projects/acme/agents"),
    ("POST", "/v1/projects/acme/agents"),
    ("GET", "/v1/projects/acme/agents/digest"),
    ("PATCH", "/v1/projects/acme/agents/digest"),
    ("PUT", "/v1/projects/acme/agents/digest"),
    ("DELETE", "/v1/projects/acme/agents/digest"),
    ("POST", "/v1/projects/acme/agents/digest:run"),
    ("GET", "/v1/projects/acme/triggers"),
    ("POST", "/v1/projects/acme/triggers"),
    ("POST", "/v1/projects/acme/triggers:preview"),
    ("GET", "/v1/projects/acme/triggers/morning"),
    ("PATCH", "/v1/projects/acme/triggers/morning"),
    ("PUT", "/v1/projects/acme/triggers/morning"),
    ("DELETE", "/v1/projects/acme/triggers/morning"),
    ("POST", "/v1/projects/acme/triggers/morning:run"),
    ("POST", "/v1/projects/acme/triggers/morning:duplicate"),
    ("GET", "/v1/projects/acme/triggers/morning:why"),
    ("GET", "/v1/projects/acme/triggers/morning/revisions"),
    ("POST", "/v1/projects/acme/triggers/morning:enable"),
    ("POST", "/v1/projects/acme/triggers/morning:disable"),
    ("GET", "/v1/projects/acme/triggers/morning:preview"),
    ("GET", "/v1/projects/acme/triggers/morning:proof"),
    ("GET", "/v1/projects/acme/runs"),
    ("GET", "/v1/projects/acme/runs/r"),
    ("DELETE", "/v1/projects/acme/runs/r"),
    ("GET", "/v1/projects/acme/runs/r/events"),
    ("GET", "/v1/projects/acme/runs/r/events:stream"),
    ("POST", "/v1/projects/acme/runs/r:retry"),
    ("POST", "/v1/projects/acme/runs/r:cancel"),
    *(
        ("POST", f"/v1/projects/acme/runs/r:{verb}")
        for verb in ("steer", "approve", "reject", "answer", "resume", "exec")
    ),
    ("GET", "/v1/projects/acme/usage"),
    ("GET", "/v1/projects/acme/api-keys"),
    ("POST", "/v1/projects/acme/api-keys"),
    ("DELETE", "/v1/projects/acme/api-keys/k"),
]
#: What only the token of the run opens: runs/test_agent_calls.py and triggers/test_own_triggers.py in tests/web/api.
RUN_ROUTES = [
    ("POST", "/v1/projects/acme/runs/r:callback"),
    ("POST", "/v1/projects/acme/runs/r:checkpoint"),
    ("POST", "/v1/projects/acme/runs/r/events"),
    ("GET", "/v1/projects/acme/runs/r/triggers"),
    ("POST", "/v1/projects/acme/runs/r/triggers"),
    ("DELETE", "/v1/projects/acme/runs/r/triggers/morning"),
]


def client(rig: Rig, key: str | None) -> httpx.AsyncClient:
    return client_of(create_app(rig.deployment), key=key)


async def project_key(rig: Rig, project: str) -> str:
    return str(created(await rig.api.post(f"/v1/projects/{project}/api-keys", json={}))["token"])


async def test_the_table_has_every_route(empty: Rig) -> None:
    paths = create_app(empty.deployment).openapi()["paths"]
    documented = {
        (method.upper(), path)
        for path, operations in paths.items()
        # The functions trigger and retry, which have servers of their own, are no routes of the API.
        if "servers" not in operations
        for method in operations
    }
    names = {"{project}": "acme", "{agent}": "digest", "{trigger}": "morning", "{run}": "r", "{key}": "k"}
    filled = set()
    for method, path in documented - {("GET", "/v1/health")}:
        for name, value in names.items():
            path = path.replace(name, value)  # noqa: PLW2901 - filled in step by step
        filled.add((method, path))

    assert filled == {*ROUTES, *RUN_ROUTES}


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (None, "There is no key"),
        ("", "not a bearer token"),
        (f"Basic {ADMIN_KEY}", "not a bearer token"),
        (f"Bearer{ADMIN_KEY}", "not a bearer token"),
        (f"Bearer  {ADMIN_KEY}", "not a bearer token"),
        (ADMIN_KEY, "not a bearer token"),
        ("Bearer ", "not a bearer token"),
        (f"Bearer {ADMIN_KEY}x", "not known"),
        (f"Bearer {ADMIN_KEY_HASH}", "not known"),
        ("Bearer tock.acme/k/x", "not known"),
        ("Bearer tock.acme/../x", "not known"),
        ("Bearer tock.a/b/c/d", "not known"),
        ("Bearer tock.__x__/__k__/x", "not known"),
        ("Bearer \xff\xfe", "not known"),
    ],
)
async def test_a_request_without_a_valid_key_is_refused_before_anything_is_read(
    rig: Rig, header: str | None, says: str
) -> None:
    headers = {} if header is None else {"Authorization": header.encode("latin-1")}
    api, trigger = client(rig, None), client_of(function_app(handle_trigger, rig.deployment), key=None)

    answers = [
        await api.post("/v1/projects/acme/triggers", content=b"{not json", headers=headers),
        await api.get("/v1/projects/nowhere", headers=headers),
        await trigger.post("/", content=b"{not json", headers=headers),
    ]

    for answer in answers:
        assert says in problem(answer, 401)["detail"]
        assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_every_route_needs_a_key(rig: Rig) -> None:
    api = client(rig, None)

    answers = {(method, path): await api.request(method, path) for method, path in ROUTES}

    assert {route: answer.status_code for route, answer in answers.items()} == dict.fromkeys(ROUTES, 401)


async def test_a_projects_key_opens_that_project_only(rig: Rig) -> None:
    await rig.make_trigger()
    await rig.make_project("other")
    stranger = client(rig, await project_key(rig, "other"))
    own = client(rig, await project_key(rig, "acme"))

    absent = await stranger.get("/v1/projects/nowhere/triggers/morning")
    shut = {(m, p): await stranger.request(m, p, json={}) for m, p in ROUTES if p.startswith("/v1/projects/acme")}

    assert {answer.status_code for answer in shut.values()} == {404}
    hidden = problem(shut["GET", "/v1/projects/acme/triggers/morning"], 404)
    assert hidden["detail"] == problem(absent, 404)["detail"].replace("nowhere", "acme")
    assert ok(await own.get("/v1/projects/acme/triggers/morning"))["id"] == "morning"
    assert [project["id"] for project in ok(await own.get("/v1/projects"))["projects"]] == ["acme"]
    assert problem(await own.post("/v1/projects", json={"id": "third"}), 403)["code"] == "forbidden"


async def test_a_key_with_another_secret_or_project_opens_nothing(rig: Rig) -> None:
    await rig.make_project("other")
    acme, other = await project_key(rig, "acme"), await project_key(rig, "other")
    start, secret = acme.rsplit("/", 1)
    forged = [
        f"{start}/{secret[:-1]}",
        f"{start}/{secret}0",
        f"{start}/{other.rsplit('/', 1)[1]}",
        other.replace("tock.other/", "tock.acme/"),
    ]

    for key in forged:
        problem(await client(rig, key).get("/v1/projects/acme"), 401)


async def test_the_functions_take_the_same_keys(rig: Rig) -> None:
    await rig.make_project("other")
    app = function_app(handle_trigger, rig.deployment)
    body = {"project": "acme", "agent": "digest"}

    own = await client_of(app, key=await project_key(rig, "acme")).post("/", json=body)
    foreign = await client_of(app, key=await project_key(rig, "other")).post("/", json=body)

    assert own.status_code == 202
    assert problem(foreign, 404)["detail"] == "There is no project 'acme'."


async def test_records_name_the_key_that_made_them(rig: Rig) -> None:
    key = await project_key(rig, "acme")
    identifier = key.split("/")[1]

    made = created(await client(rig, key).post("/v1/projects/acme/agents", json=DIGEST | {"id": "b"}))

    assert made["created"]["by"] == f"key:{identifier}"


async def test_a_revoked_key_opens_nothing(rig: Rig) -> None:
    key = await project_key(rig, "acme")
    own = client(rig, key)
    ok(await own.get("/v1/projects/acme"))

    assert (await own.delete(f"/v1/projects/acme/api-keys/{key.split('/')[1]}")).status_code == 204

    problem(await own.get("/v1/projects/acme"), 401)


async def test_the_keys_of_a_deleted_project_do_not_open_its_successor(empty: Rig) -> None:
    created(await empty.api.post("/v1/projects", json={"id": "acme"}))
    key = await project_key(empty, "acme")
    assert (await empty.api.delete("/v1/projects/acme")).status_code == 204

    created(await empty.api.post("/v1/projects", json={"id": "acme"}))

    problem(await client(empty, key).get("/v1/projects/acme"), 401)


async def test_a_deployment_that_was_told_nothing_lets_nobody_in(services: Services) -> None:
    rig = make_rig(services, Access())

    for answer in (await rig.api.get("/v1/projects"), await rig.trigger.post("/", json={})):
        assert (problem(answer, 503)["code"], answer.json()["transient"]) == ("access_unset", False)
        assert "Retry-After" not in answer.headers


async def test_beside_a_local_emulator_what_is_not_configured_is_open(services: Services) -> None:
    app = create_app(Deployment(services=services, access=Access(local=True), tokens=NobodyVerifies()))

    made = created(await client_of(app, key=None, origin=LOCAL).post("/v1/projects", json={"id": "acme"}))

    assert made["created"]["by"] == "local"


async def test_beside_a_local_emulator_what_is_configured_is_shut(services: Services) -> None:
    rig = make_rig(services, Access(local=True, admin_key_hash=ADMIN_KEY_HASH))

    problem(await client(rig, None).get("/v1/projects"), 401)
    ok(await rig.api.get("/v1/projects"))


async def test_project_keys_open_nothing_unless_the_deployment_takes_them(rig: Rig) -> None:
    key = await project_key(rig, "acme")
    other = make_rig(rig.services, Access(admin_key_hash=ADMIN_KEY_HASH))

    problem(await client(other, key).get("/v1/projects/acme"), 401)


async def test_keys_are_taken_without_a_key_of_the_deployment(rig: Rig) -> None:
    key = await project_key(rig, "acme")
    other = make_rig(rig.services, Access(keys=True))

    ok(await client(other, key).get("/v1/projects/acme"))
    problem(await other.api.get("/v1/projects/acme"), 401)


async def test_health_and_the_description_need_no_key(rig: Rig) -> None:
    api = client(rig, None)

    assert (await api.get("/v1/health")).status_code == 503
    assert ok(await api.get("/v1/openapi.json"))["info"]["title"] == "Tock"
