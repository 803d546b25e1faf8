"""`tock plan`, `apply` and `export` against the API: after an apply, nothing is left to do."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from executors.asgi_server import serving_app
from tock import Client
from tock.app.services import Services
from tock.bootstrap.system_clock import SystemClock
from tock.cli.applying.apply_changes import Applied, applied
from tock.cli.applying.deployed import deployed
from tock.cli.exit_status import ExitStatus
from tock.cli.main import app
from tock.executors.a2a.executor import A2aExecutor
from tock.executors.http.executor import HttpExecutor
from tock.executors.python.executor import PythonExecutor
from tock.executors.registry import Executors
from tock.manifest.comparison.difference import Deployed, Difference, difference
from tock.manifest.read import read_definitions
from tock.web.deployment import Access
from web.conftest import cloud_tasks, services  # noqa: F401 - fixtures
from web.rig import ADMIN_KEY, ADMIN_KEY_HASH, DIGEST, RUN_TOKENS, Rig, created, make_rig, ok

pytestmark = pytest.mark.anyio
HOSTS = ["agents.example"]
URL = "https://agents.example/run"


class Quoting(yaml.SafeDumper):  # type: ignore[misc] # PyYAML has no types
    """Writes each text in quotation marks: the files are of YAML 1.2, where 1e100 is a number, and PyYAML's of 1.1."""


Quoting.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))


@dataclass(frozen=True)
class Shell:
    """The command line against a project of an API of its own."""

    rig: Rig
    server: str
    folder: Path

    async def tock(self, *words: str, code: int = 0, project: str = "acme") -> str:
        done = await anyio.to_thread.run_sync(lambda: self._invoke(project, words))
        assert done.exit_code == code, (done.output, done.exception)
        return done.output

    async def refused(self, *words: str) -> Any:
        done = await anyio.to_thread.run_sync(lambda: self._invoke("acme", words))
        assert done.exception is not None
        return done.exception

    def _invoke(self, project: str, words: tuple[str, ...]) -> Result:
        connection = ("--server", self.server, "--project", project, "--key", ADMIN_KEY)
        return CliRunner().invoke(app, [*connection, *words])

    @property
    def client(self) -> Client:
        return Client(self.server, project="acme", key=ADMIN_KEY)

    async def deployed(self) -> Deployed:
        def read() -> Deployed:
            with self.client as client:
                return deployed(client)

        return await anyio.to_thread.run_sync(read)

    async def applied(self, planned: Difference) -> list[Applied]:
        def apply() -> list[Applied]:
            with self.client as client:
                return list(applied(client, planned.changes))

        return await anyio.to_thread.run_sync(apply)

    def write(self, definitions: object) -> str:
        file = self.folder / "tock.yaml"
        plain = json.loads(json.dumps(definitions))
        file.write_text(definitions if isinstance(definitions, str) else yaml.dump(plain, Dumper=Quoting))
        return str(file)


@pytest.fixture
async def shell(services: Services, tmp_path: Path) -> AsyncIterator[Shell]:  # noqa: F811 - the fixture
    now = SystemClock().now
    executors = Executors(
        [
            PythonExecutor(modules=["web.sample_agents"]),
            HttpExecutor(allowed_hosts=HOSTS, secrets=None, now=now),
            A2aExecutor(allowed_hosts=HOSTS, secrets=None, now=now),
        ]
    )
    all_kinds = Services(
        store=services.store, queue=services.queue, clock=services.clock, random=services.random, executors=executors
    )
    rig = make_rig(all_kinds, Access(admin_key_hash=ADMIN_KEY_HASH, keys=True, run_tokens=RUN_TOKENS))
    created(await rig.api.post("/v1/projects", json={"id": "acme"}))
    async with serving_app(rig.api._transport.app) as address:  # type: ignore[attr-defined] # the app of this client
        yield Shell(rig, f"http://{address}", tmp_path)


DEFINITIONS: dict[str, Any] = {
    "agents": [{"id": "digest", "kind": "python", "config": {"callable": "web.sample_agents:digest"}}],
    "triggers": [
        {
            "id": "morning",
            "agent": "digest",
            "schedule": {"cron": "0 9 * * 1-5", "time_zone": "Europe/Berlin"},
            "labels": {"team": "shop"},
        }
    ],
}


async def test_a_plan_is_applied_once_and_then_nothing_is_left(shell: Shell) -> None:
    file = shell.write(DEFINITIONS)

    planned = await shell.tock("plan", file)
    applied = await shell.tock("apply", file)
    again = await shell.tock("plan", file, "--check")

    assert "+ trigger morning" in planned
    assert '    schedule.cron: "0 9 * * 1-5"' in planned
    assert "2 to create, 0 to change, 0 to delete, 0 unchanged." in planned
    assert "agent digest created\ntrigger morning created" in applied
    assert again == "0 to create, 0 to change, 0 to delete, 2 unchanged.\n"
    trigger = ok(await shell.rig.api.get("/v1/projects/acme/triggers/morning"))
    assert trigger["labels"] == {"team": "shop", "managed-by": "tock-apply"}


async def test_a_change_is_planned_field_by_field_and_applied(shell: Shell) -> None:
    await shell.tock("apply", shell.write(DEFINITIONS))
    [trigger] = DEFINITIONS["triggers"]
    file = shell.write(DEFINITIONS | {"triggers": [trigger | {"schedule": {"cron": "0 9 * * 1-5"}}]})

    planned = await shell.tock("plan", file, "--check", code=ExitStatus.DIFFERS)
    await shell.tock("apply", file)

    assert "~ trigger morning" in planned
    assert 'schedule.time_zone: "Europe/Berlin" → "UTC"' in planned
    assert " go: " in planned
    assert " come: " in planned
    assert await shell.tock("plan", file, "--check") == "0 to create, 0 to change, 0 to delete, 2 unchanged.\n"


async def test_what_somebody_changed_after_the_plan_is_left_and_who_it_was_is_said(shell: Shell) -> None:
    await shell.tock("apply", shell.write(DEFINITIONS))
    [trigger] = DEFINITIONS["triggers"]
    [agent] = DEFINITIONS["agents"]
    file = shell.write({"agents": [agent | {"name": "Digest"}], "triggers": [trigger | {"name": "Morning"}]})
    wanted = read_definitions([file])
    has = await shell.deployed()
    planned = difference(wanted, has, owner="tock-apply", prune=False, now=shell.rig.services.clock.now())
    ok(await shell.rig.api.patch("/v1/projects/acme/triggers/morning", json={"overlap": "queue"}))

    one, other = await shell.applied(planned)

    assert one.sentence == "agent digest changed"
    assert other.sentence.startswith("trigger morning: was changed meanwhile, by deployment-key at 20")
    shown = ok(await shell.rig.api.get("/v1/projects/acme/triggers/morning"))
    assert (shown["overlap"], shown["name"]) == ("queue", None)


async def test_what_somebody_created_or_deleted_after_the_plan_is_left(shell: Shell) -> None:
    wanted = read_definitions([shell.write(DEFINITIONS)])
    has = await shell.deployed()
    planned = difference(wanted, has, owner="tock-apply", prune=False, now=shell.rig.services.clock.now())
    created(await shell.rig.api.post("/v1/projects/acme/agents", json=DIGEST | {"name": "Mine"}))

    one, other = await shell.applied(planned)

    assert one.sentence.startswith("agent digest: was changed meanwhile, by deployment-key")
    assert other.sentence == "trigger morning created"
    assert ok(await shell.rig.api.get("/v1/projects/acme/agents/digest"))["name"] == "Mine"


async def test_only_what_apply_made_is_pruned(shell: Shell) -> None:
    await shell.tock("apply", shell.write(DEFINITIONS))
    await shell.rig.make_trigger("by-hand")
    file = shell.write({"agents": [{"id": "hook", "kind": "http", "config": {"url": URL}}]})

    kept = await shell.tock("apply", file)
    unconfirmed = await shell.refused("apply", file, "--prune")
    as_json = await shell.refused("apply", file, "--prune", "--json")
    pruned = await shell.tock("apply", file, "--prune", "--yes", code=1)

    assert "trigger morning is no longer defined: --prune deletes it" in kept
    assert str(unconfirmed) == "Delete 2 resources? Nobody can be asked here."
    assert str(as_json) == "Delete 2 resources? With --json nobody is asked."
    assert "trigger morning deleted\n" in pruned
    # The trigger that was made by hand still needs it.
    assert "agent digest: The agent 'digest' is needed by the trigger 'by-hand'" in pruned
    listed = ok(await shell.rig.api.get("/v1/projects/acme/triggers"))
    assert [trigger["id"] for trigger in listed["triggers"]] == ["by-hand"]


async def test_one_refusal_does_not_stop_the_others(shell: Shell) -> None:
    unknown = {"id": "unknown", "kind": "python", "config": {"callable": "os:system"}}
    file = shell.write(DEFINITIONS | {"agents": [unknown, *DEFINITIONS["agents"]]})

    said = await shell.tock("apply", file, code=1)

    assert "agent unknown: config.callable: the module os is not allowed to this project" in said
    assert "trigger morning created" in said


async def test_mistakes_are_all_named_and_nothing_is_sent(shell: Shell) -> None:
    file = shell.write("agents:\n  - {id: a, kind: 3}\ntriggers:\n  - {id: t, agent: a, schedule: {cron: '0'}}\n")

    refused = await shell.refused("apply", file)

    assert str(refused) == "2 problems in the definitions"
    assert refused.details[0] == f"{file}:2: agent a: kind 3: must be text"
    assert refused.details[1].startswith(f"{file}:4: trigger t: schedule.cron '0': ")
    assert ok(await shell.rig.api.get("/v1/projects/acme/agents"))["agents"] == []


async def test_a_schema_for_editors_describes_the_files(shell: Shell) -> None:
    schema = json.loads(await shell.tock("schema"))

    assert set(schema["properties"]) == {"$schema", "agents", "triggers"}
    assert "id" in schema["$defs"]["DefinedTrigger"]["required"]


WORDS = st.text("abcdefgh-", min_size=1, max_size=6).filter(lambda word: word[0] != "-" and word[-1] != "-")
TITLES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=10)
TEXTS = st.text(st.characters(exclude_categories=["C"], include_characters="\n\t"), max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=6,
)
OBJECTS = st.dictionaries(TEXTS, JSON, max_size=2)
EVIDENCE = st.fixed_dictionaries(
    {},
    optional={
        "output_schema": st.sampled_from([{"type": "object"}, {"enum": [1, 1.0, True]}]),
        "events": st.lists(st.sampled_from(["review", "pull_request"]), max_size=2),
        "min_tokens": st.integers(1, 9),
    },
)
LABELS = st.dictionaries(WORDS, WORDS, max_size=2)
DURATIONS = st.sampled_from(["90s", "PT1M30S", "1m", "PT600S", "20m"])
AGENTS = st.fixed_dictionaries(
    {},
    optional={
        "name": TITLES,
        "description": TEXTS,
        "enabled": st.booleans(),
        "concurrency": st.integers(1, 100),
        "evidence": EVIDENCE,
        "progress_every": DURATIONS,
        "labels": LABELS,
    },
).flatmap(
    lambda fields: st.sampled_from(
        [
            {"kind": "python", "config": {"callable": "web.sample_agents:digest"}},
            {"kind": "python", "config": {"callable": "web.sample_agents:digest", "isolation": "process"}},
            {"kind": "http", "config": {"url": URL, "headers": {"X-Team": "no"}}},
            {"kind": "a2a", "config": {"url": URL}},
        ]
    ).map(lambda kind: {**kind, **fields})
)
SCHEDULES = st.sampled_from(
    [
        {"cron": "0 9 * * 1-5", "time_zone": "Europe/Berlin"},
        {"cron": "*/15 * * * * 30"},
        {"every": "15m"},
        {"every": "PT3H", "anchor": "2027-01-01T00:00:00+02:00"},
        {"at": "2098-01-01T09:00:00+01:00"},
        {"at": "2020-01-01T00:00:00Z"},
    ]
)
TRIGGERS = st.fixed_dictionaries(
    {"schedule": SCHEDULES},
    optional={
        "name": TITLES,
        "description": TEXTS,
        "input": st.fixed_dictionaries(
            {},
            optional={
                "message": st.sampled_from(["Hi", "no", "{{scheduled_for}}"]),
                "payload": OBJECTS,
                "model": TITLES,
            },
        ),
        "overlap": st.sampled_from(["skip", "queue", "replace"]),
        "queue_depth": st.integers(1, 10),
        "session": st.sampled_from(["new"]),
        "catch_up": st.fixed_dictionaries({}, optional={"mode": st.sampled_from(["all", "none"]), "window": DURATIONS}),
        "start_deadline": DURATIONS,
        "retry": st.fixed_dictionaries(
            {}, optional={"max_retries": st.integers(0, 10), "delay": DURATIONS, "give_up_at_next": st.booleans()}
        ),
        "timeout": DURATIONS,
        "evidence": EVIDENCE,
        "progress_every": DURATIONS,
        "start": st.just("2027-01-01T00:00:00Z"),
        "end": st.just("2099-01-01T00:00:00+05:00"),
        "enabled": st.booleans(),
        "labels": LABELS,
    },
)
MANIFESTS = st.fixed_dictionaries({"agents": st.lists(AGENTS, max_size=3), "triggers": st.lists(TRIGGERS, max_size=3)})


def numbered(drawn: dict[str, Any]) -> dict[str, Any]:
    """The drawn definitions with ids; the triggers name the first agent, which is there whatever is drawn."""
    agents = [{"id": "first", "kind": "http", "config": {"url": URL}}]
    agents += [{"id": f"a{index}", **each} for index, each in enumerate(drawn["agents"])]
    triggers = [{"id": f"t{index}", "agent": "first", **each} for index, each in enumerate(drawn["triggers"])]
    return {"agents": agents, "triggers": [each for each in triggers if _fires(each)]}


def _fires(trigger: dict[str, Any]) -> bool:
    """Whether it may be enabled; what may not is refused, which another test shows."""
    past = trigger["schedule"].get("at", "").startswith("2020")
    before_start = "at" in trigger["schedule"] and "start" in trigger
    return trigger.get("enabled") is False or not (past or before_start)


async def _apply_leaves_nothing(shell: Shell, first: dict[str, Any], second: dict[str, Any]) -> None:
    for drawn in (first, second):
        file = shell.write(numbered(drawn))
        await shell.tock("apply", file, "--prune", "--yes")

        found = json.loads(await shell.tock("plan", file, "--prune", "--check", "--json"))

        assert (found["changes"], found["refused"], found["kept"]) == ([], [], [])
    exported = shell.write(await shell.tock("export"))
    left = json.loads(await shell.tock("plan", exported, "--prune", "--check", "--json"))
    assert (left["changes"], left["refused"]) == ([], [])
    assert left["unchanged"] == len(numbered(second)["agents"]) + len(numbered(second)["triggers"])


def _examples(count: int) -> settings:
    # To shrink a failing example would take minutes: each takes a dozen requests.
    return settings(
        max_examples=count,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


@_examples(5)
@given(first=MANIFESTS, second=MANIFESTS)
async def test_after_an_apply_of_anything_nothing_is_left(
    shell: Shell, first: dict[str, Any], second: dict[str, Any]
) -> None:
    await _apply_leaves_nothing(shell, first, second)


@pytest.mark.slow
@_examples(50)
@given(first=MANIFESTS, second=MANIFESTS)
async def test_after_many_applies_nothing_is_left(shell: Shell, first: dict[str, Any], second: dict[str, Any]) -> None:
    await _apply_leaves_nothing(shell, first, second)


async def test_an_export_of_what_was_made_by_hand_is_unchanged(shell: Shell) -> None:
    await shell.tock("apply", shell.write(DEFINITIONS))
    created(
        await shell.rig.api.post(
            "/v1/projects/acme/agents", json={"id": "hook", "kind": "http", "config": {"url": URL}}
        )
    )
    body = {"id": "by-hand", "agent": "hook", "schedule": {"every": "15m"}, "labels": {"managed-by": "shop"}}
    created(await shell.rig.api.post("/v1/projects/acme/triggers", json=body))

    exported = await shell.tock("export")

    assert yaml.safe_load(exported)["triggers"][0] == {
        "id": "by-hand",
        "agent": "hook",
        "schedule": {"every": "PT15M", "anchor": "1970-01-01T00:00:00Z"},
        "labels": {"managed-by": "shop"},
    }
    assert await shell.tock("plan", shell.write(exported), "--check") == (
        "0 to create, 0 to change, 0 to delete, 4 unchanged.\n"
    )


async def test_an_import_says_what_it_would_do_then_does_it_once(shell: Shell) -> None:
    created(await shell.rig.api.post("/v1/projects/acme/agents", json=DIGEST))
    crontab = shell.folder / "crontab"
    crontab.write_text("30 2 * * * backup\n@reboot warm-up\n@daily clean\n")
    words = ("import", "crontab", str(crontab), "--agent", "digest", "--time-zone", "Europe/Berlin")

    dry = await shell.tock(*words)
    nothing = ok(await shell.rig.api.get("/v1/projects/acme/triggers"))["triggers"]
    first = await shell.tock(*words, "--apply")
    ok(await shell.rig.api.patch("/v1/projects/acme/triggers/backup", json={"overlap": "skip"}))
    second = await shell.tock(*words, "--apply")

    assert "+ trigger backup: 30 2 * * * (Europe/Berlin)" in dry
    assert "@reboot has no time" in dry
    assert "2 triggers, 1 left. Nothing was created: --apply does that." in dry
    assert nothing == []
    assert "2 created, 0 existed already, 0 failed, 1 left." in first
    assert "0 created, 2 existed already, 0 failed, 1 left." in second
    # What somebody changed since then stays.
    assert ok(await shell.rig.api.get("/v1/projects/acme/triggers/backup"))["overlap"] == "skip"


async def test_a_trigger_is_duplicated_from_the_command_line(shell: Shell) -> None:
    await shell.tock("apply", shell.write(DEFINITIONS))

    said = await shell.tock("triggers", "duplicate", "morning", "evening")

    assert "Trigger evening created like morning: at 09:00 on Monday to Friday, Europe/Berlin time." in said
    duplicate = ok(await shell.rig.api.get("/v1/projects/acme/triggers/evening"))
    assert (duplicate["enabled"], duplicate["labels"]) == (False, {"team": "shop"})
