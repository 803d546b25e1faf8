"""`tock plan`, `apply`, `export` and `import` against the API: after an apply, nothing is left to do."""

import json
from typing import Any

import pytest
import yaml

from tock.cli.exit_status import ExitStatus
from tock.manifest.comparison.difference import difference
from tock.manifest.read import read_definitions
from tock_shell import Shell
from web.rig import DIGEST, created, ok

pytestmark = pytest.mark.anyio
URL = "https://agents.example/run"
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
