"""What the client does against the real API: resources, listings, revisions, errors."""

from datetime import UTC, datetime, timedelta

import pytest
from google.cloud.firestore import AsyncClient as Firestore

import tock
from client.conftest import client_of, client_of_functions
from tock import AsyncClient
from tock.core.schedule.schedule import CronSchedule
from tock.web.resources.runs.run_request import RunInput
from web.rig import DIGEST, RUN_TOKENS, Rig, ok

pytestmark = pytest.mark.anyio
MORNINGS = CronSchedule(cron="0 9 * * 1-5", time_zone="Europe/Berlin")


async def test_an_agent_from_its_creation_to_its_deletion(client: AsyncClient) -> None:
    made = await client.agents.create("news", **{key: value for key, value in DIGEST.items() if key != "id"})

    changed = await client.agents.update("news", name="News", progress_every=timedelta(minutes=2), if_match=made)
    replaced = await client.agents.put("news", kind="python", config=DIGEST["config"], description="all", if_match=2)

    assert (made.id, made.revision, made.config) == ("news", 1, DIGEST["config"])
    assert (changed.name, changed.progress_every, changed.revision) == ("News", timedelta(minutes=2), 2)
    assert (replaced.name, replaced.description) == (None, "all")
    assert [agent.id async for agent in client.agents.list()] == ["news", "digest"]
    assert await client.agents.get("news") == replaced
    await client.agents.delete("news", if_match='"3"')
    with pytest.raises(tock.NotFound, match="There is no agent 'news'"):
        await client.agents.get("news")


async def test_a_trigger_from_its_creation_to_its_deletion(client: AsyncClient) -> None:
    start = datetime(2027, 1, 1, tzinfo=UTC)
    made = await client.triggers.create(
        "morning",
        agent="digest",
        schedule=MORNINGS,
        input={"payload": {"a": 1, "b": None}},
        start=start,
        overlap="queue",
    )

    changed = await client.triggers.update(
        "morning", start=None, schedule={"cron": "30 9 * * *"}, input={"payload": {"a": 2}}, if_match=made
    )
    disabled = await client.triggers.disable("morning", cancel="all", if_match=changed)
    enabled = await client.triggers.enable("morning", if_match=disabled)
    replaced = await client.triggers.put("morning", agent="digest", schedule={"every": timedelta(hours=1)})
    preview = await client.triggers.preview("morning", since="2027-03-28T00:30:00Z", count=2)
    draft = await client.triggers.preview_schedule({"at": datetime(2027, 5, 1, tzinfo=UTC)}, count=3)
    proof = await client.triggers.proof("morning", since=made.created.at, occurrences=False)

    assert (made.schedule, made.start, made.input.payload) == (MORNINGS, start, {"a": 1, "b": None})
    assert (changed.start, changed.input.payload) == (None, {"a": 2, "b": None})
    assert changed.schedule == CronSchedule(cron="30 9 * * *", time_zone="Europe/Berlin")
    assert (disabled.enabled, enabled.enabled) == (False, True)
    assert [each.hour for each in preview.fire_times] == [1, 2]
    assert draft.fire_times == (datetime(2027, 5, 1, tzinfo=UTC),)
    assert (proof.trigger, proof.since, proof.holds, proof.occurrences) == ("morning", made.created.at, True, None)
    assert [each.id async for each in client.triggers.list(agent="digest")] == ["morning"]
    assert [each.id async for each in client.triggers.list(agent="nobody")] == []
    assert await client.triggers.get("morning") == replaced
    await client.triggers.delete("morning", cancel="all")
    with pytest.raises(tock.NotFound):
        await client.triggers.get("morning")


async def test_projects_keys_usage_and_health(client: AsyncClient, rig: Rig) -> None:
    made = await client.projects.create("zoo", name="Zoo")
    changed = await client.projects.update("zoo", concurrency=3, if_match=made)
    own = await client.projects.put(description="ours")
    key = await client.keys.issue(name="ci")
    run = await rig.execute(await rig.start())
    usage = await client.usage.get(group_by="day")
    health = await client.health.get()

    assert (changed.name, changed.concurrency, own.id, own.description) == ("Zoo", 3, "acme", "ours")
    assert await client.projects.get() == own
    assert [project.id async for project in client.projects.list()] == ["acme", "zoo"]
    async with client_of(rig, key=key.token) as caller:
        assert [project.id async for project in caller.projects.list()] == ["acme"]
        assert (await caller.runs.get(run["id"])).status == "succeeded"
        with pytest.raises(tock.Forbidden):
            await caller.projects.create("third")
    assert [each.id async for each in client.keys.list()] == [key.id]
    assert (usage.project, usage.group_by, usage.last - usage.first) == ("acme", "day", timedelta(days=29))
    assert (health.status, health.backlog.triggers) == ("late", 0)
    await client.keys.revoke(key.id)
    await client.projects.delete("zoo", if_match=changed)
    async with client_of(rig, key=key.token) as caller:
        with pytest.raises(tock.Unauthenticated):
            await caller.projects.get()


async def test_a_listing_reads_page_after_page(client: AsyncClient) -> None:
    for number in range(5):
        await client.triggers.create(f"t{number}", agent="digest", schedule=MORNINGS)

    listing = client.triggers.list(page_size=2)
    pages = [page async for page in listing.pages()]
    first = await listing.page()
    later = await client.triggers.list(page_size=2, page_token=first.next_page_token).page()

    assert [len(page.triggers) for page in pages] == [2, 2, 1]
    assert [trigger.id async for trigger in listing] == ["t4", "t3", "t2", "t1", "t0"]
    assert [trigger.id for trigger in later.triggers] == ["t2", "t1"]


async def test_the_first_page_that_is_read_has_the_total_and_later_ones_cost_nothing_for_it(
    client: AsyncClient,
) -> None:
    for _ in range(3):
        await client.agents.run("digest")

    pages = [page async for page in client.runs.list(page_size=2, total=True).pages()]

    assert [page.total and (page.total.count, page.total.exact) for page in pages] == [(3, True), None]


async def test_what_cannot_be_read_is_told_beside_the_items_and_replaced_by_its_mark(
    client: AsyncClient, firestore_client: Firestore
) -> None:
    document = firestore_client.document("projects/acme/agents/digest")
    await document.update({"kind": 7})
    listing = client.agents.list()

    with pytest.raises(tock.Unreadable) as refused:
        await client.agents.get("digest")

    for _ in range(2):
        assert [agent.id async for agent in listing] == []
        assert [found.id for found in listing.unreadable] == ["digest"]
    assert refused.value.code == "unreadable"
    assert refused.value.etag is not None
    mended = await client.agents.put("digest", kind="python", config=DIGEST["config"], if_match=refused.value.etag)
    assert await client.agents.get("digest") == mended


async def test_an_edit_of_another_revision_is_a_conflict(client: AsyncClient) -> None:
    read = await client.agents.get("digest")
    await client.agents.update("digest", name="Changed by somebody else")

    for change in (
        client.agents.update("digest", name="Mine", if_match=read),
        client.agents.put("digest", kind="python", config=DIGEST["config"], if_match=read.revision),
        client.agents.delete("digest", if_match=read),
    ):
        with pytest.raises(tock.RevisionConflict, match="is at revision 2, not 1") as refused:
            await change
        assert (refused.value.status, refused.value.code) == (412, "revision_mismatch")
    assert (await client.agents.update("digest", name="Mine", if_match="*")).name == "Mine"


async def test_an_error_carries_each_field_with_its_value_and_the_remedy(client: AsyncClient) -> None:
    with pytest.raises(tock.InvalidRequest) as refused:
        await client.triggers.create("t", agent="digest", schedule={"cron": "61 * * * *"}, queue_depth=99)

    errors = {error.field: error for error in refused.value.errors}
    assert set(errors) == {"schedule.cron", "queue_depth"}
    assert (errors["queue_depth"].value, errors["queue_depth"].message) == (99, "must be at most 10")
    assert (refused.value.status, refused.value.code) == (400, "invalid_argument")
    assert "queue_depth: must be at most 10" in str(refused.value)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (tock.AlreadyExists, "already_exists"),
        (tock.Conflict, "in_use"),
        (tock.ActiveRun, "active_run"),
        (tock.Conflict, "key_reused"),
        (tock.Conflict, "run_not_settled"),
        (tock.TooLarge, "body_too_large"),
    ],
)
async def test_each_refusal_has_its_error(client: AsyncClient, error: type[tock.ApiError], code: str) -> None:
    await client.triggers.create("t", agent="digest", schedule=MORNINGS)
    run = await client.agents.run("digest", subject="one", idempotency_key="k")
    calls = {
        "already_exists": lambda: client.agents.create("digest", kind="python", config=DIGEST["config"]),
        "in_use": lambda: client.agents.delete("digest"),
        "active_run": lambda: client.agents.run("digest", subject="one"),
        "key_reused": lambda: client.agents.run("digest", subject="two", idempotency_key="k"),
        "run_not_settled": run.retry,
        "body_too_large": lambda: client.agents.run("digest", input={"message": "x" * 300_000}),
    }

    with pytest.raises(error) as refused:
        await calls[code]()

    assert type(refused.value) is error
    assert refused.value.code == code
    if isinstance(refused.value, tock.ActiveRun):
        assert refused.value.run == run.id


async def test_a_run_is_started_once_for_one_idempotency_key(client: AsyncClient) -> None:
    first = await client.agents.run("digest", input=RunInput(message="Hi {{payload.x}}", payload={"x": 1}))
    again = await client.agents.run("digest", idempotency_key="mine")
    repeated = await client.agents.run("digest", idempotency_key="mine")

    assert first.resource.input.message == "Hi 1"
    assert first.id != again.id == repeated.id


async def test_what_is_stored_and_shown_is_what_was_written(client: AsyncClient, rig: Rig) -> None:
    """Each answer of the API is what its model has, so that nothing is lost between the server and the caller."""
    await client.triggers.create("t", agent="digest", schedule=MORNINGS, evidence={"output_schema": {"type": "object"}})
    run = await rig.execute(await rig.start("triggers/t"))

    for path, model in (
        ("/agents/digest", await client.agents.get("digest")),
        ("/triggers/t", await client.triggers.get("t")),
        (f"/runs/{run['id']}", await client.runs.get(run["id"])),
        ("/usage", await client.usage.get()),
        ("", await client.projects.get()),
    ):
        answer = ok(await rig.api.get(f"/v1/projects/acme{path}"))
        assert model.model_dump(mode="json", by_alias=True) == answer, path


async def test_the_agent_of_a_run_elsewhere_calls_with_the_token_of_its_run(rig: Rig, client: AsyncClient) -> None:
    await client.agents.create("waits", kind="python", config={"callable": "web.sample_agents:waits"})
    run = await client.agents.run("waits")
    await rig.execute(run.resource.model_dump(mode="json"))
    token = RUN_TOKENS.token(project="acme", run=run.id)

    async with client_of(rig, key=token) as agent:
        told = await agent.runs.send_events(run.id, [{"kind": "progress", "data": {"read": 1}}])
        await agent.runs.checkpoint(run.id, {"page": 1})
        answered = await agent.runs.callback(run.id, {"answer": 42})
        with pytest.raises(tock.Unauthenticated):
            await agent.runs.get(run.id)

    assert (told.events_sent, answered.run, answered.status) == (1, run.id, "queued")


async def test_an_agent_may_do_with_its_own_triggers_what_its_configuration_says(rig: Rig, client: AsyncClient) -> None:
    await client.agents.create("waits", kind="python", config={"callable": "web.sample_agents:waits"})
    run = await client.agents.run("waits")
    await rig.execute(run.resource.model_dump(mode="json"))

    async with client_of(rig, key=RUN_TOKENS.token(project="acme", run=run.id)) as agent:
        for call in (
            agent.own_triggers.list(run.id).page(),
            agent.own_triggers.create(run.id, "later", agent="waits", schedule=MORNINGS),
            agent.own_triggers.delete(run.id, "later"),
        ):
            with pytest.raises(tock.Forbidden, match="set own_triggers in its config"):
                await call


async def test_the_functions_start_runs_at_their_own_addresses(rig: Rig) -> None:
    async with client_of_functions(rig) as client:
        run = await client.functions.trigger("https://trigger.test/", agent="digest", idempotency_key="once")
        again = await client.functions.trigger("https://trigger.test/", agent="digest", idempotency_key="once")
        await rig.execute(run.resource.model_dump(mode="json"))
        repeated = await client.functions.retry("https://retry.test/", run.id, model="large")

    assert run.id == again.id
    assert (repeated.resource.retry_of, repeated.resource.input.model) == (run.id, "large")
