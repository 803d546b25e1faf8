"""What people create, edit, pause and delete from the command line."""

import json

import pytest

from client.conftest import Hosted
from ports.documents import an_api_key
from tock.ports.store import Create
from tock_calls import Tock

pytestmark = pytest.mark.anyio


async def test_an_agent_is_created_and_edited_with_the_same_options(tock: Tock) -> None:
    options = ("--config", "callable=web.sample_agents:digest", "--label", "team=shop", "--concurrency", "3")
    made = json.loads(await tock("agents", "create", "typed", "--kind", "python", *options, "--json"))
    edited = json.loads(
        await tock(
            "agents", "edit", "typed", "--name", "Typed", "--clear", "concurrency", "--clear", "labels.team", "--json"
        )
    )
    disabled = await tock("agents", "disable", "typed")
    enabled = json.loads(await tock("agents", "enable", "typed", "--json"))

    assert (made["config"], made["labels"]) == ({"callable": "web.sample_agents:digest"}, {"team": "shop"})
    assert (edited["name"], edited["concurrency"], edited["labels"]) == ("Typed", None, {})
    assert (disabled, enabled["enabled"]) == ("Agent typed is disabled.\n", True)


async def test_an_edit_of_nothing_and_of_what_is_no_field_is_refused(tock: Tock) -> None:
    nothing = await tock("agents", "edit", "digest", code=1)
    no_field = await tock("agents", "edit", "digest", '{"overlap": "skip"}', code=1)

    assert nothing.startswith("Nothing of the agent would change.\nGive one of --kind, --config, --name,")
    assert no_field.startswith("CHANGES: 'overlap' is no field of the agent.")


async def test_a_trigger_is_edited_by_options_that_go_over_the_json(tock: Tock) -> None:
    await tock("triggers", "create", "t", "--agent", "digest", "--cron", "0 9 * * *", "--time-zone", "Europe/Berlin")

    words = ('{"overlap": "queue", "retry": {"max_retries": 1}}', "--cron", "30 9 * * *", "--max-retries", "5")
    edited = json.loads(await tock("triggers", "edit", "t", *words, "--json"))

    assert edited["schedule"] == {"cron": "30 9 * * *", "time_zone": "Europe/Berlin"}
    assert (edited["overlap"], edited["retry"]["max_retries"]) == ("queue", 5)


async def test_a_refusal_names_the_option(tock: Tock) -> None:
    create = ("triggers", "create", "t", "--agent", "digest", "--every", "1h")

    late = await tock(*create, "--catch-up-window", "30d", code=1)
    long = await tock("agents", "run", "digest", "--attempt-timeout", "3h", code=1)
    label = await tock(*create, "--label", "TEAM=shop", code=1)

    assert late.startswith("--catch-up-window")
    assert long.startswith("--attempt-timeout")
    assert label.startswith("--label")


async def test_words_for_pausing_mean_disabling(tock: Tock) -> None:
    await tock("triggers", "create", "t", "--agent", "digest", "--every", "1h")

    paused = await tock("triggers", "pause", "t")
    resumed = await tock("triggers", "resume", "t")

    assert paused == "Trigger t is disabled.\n"
    assert resumed.startswith("Trigger t enabled: ")


async def test_a_schedule_is_previewed_without_being_stored(tock: Tock) -> None:
    words = ("--cron", "0 9 * * 1-5", "--time-zone", "Europe/Berlin", "--since", "2027-03-26 00:00", "--count", "2")

    shown = json.loads(await tock("triggers", "preview", *words, "--json", "--zone", "Europe/Berlin"))
    without = await tock("triggers", "preview", code=1)
    both = await tock("triggers", "preview", "t", "--every", "1h", code=1)

    assert [fire["local"] for fire in shown["fires"]] == ["2027-03-26T09:00:00+01:00", "2027-03-29T09:00:00+02:00"]
    assert json.loads(await tock("triggers", "list", "--json"))["triggers"] == []
    assert without == "Exactly one of --cron, --every and --at is needed."
    assert both == "Give the id of a trigger or a schedule, not both."


async def test_a_project_is_shown_renamed_and_deleted(tock: Tock) -> None:
    await tock("projects", "create", "shop", "--name", "Shop", "--concurrency", "2")

    renamed = await tock("projects", "rename", "shop", "Shop of Ada")
    shown = json.loads(await tock("projects", "show", "shop", "--json"))
    deleted = await tock("projects", "delete", "shop", "--yes")

    assert renamed == "Project shop is named Shop of Ada.\n"
    assert (shown["name"], shown["concurrency"]) == ("Shop of Ada", 2)
    assert deleted == "Project shop deleted.\n"
    assert "There is no project 'shop'" in await tock("projects", "show", "shop", code=1)


@pytest.mark.parametrize(
    ("words", "question"),
    [
        (("agents", "delete", "spare"), "Delete the agent spare?"),
        (
            ("agents", "delete", "spare", "--with-triggers", "--cancel", "none"),
            "Delete the agent spare and its triggers, and let their unfinished runs go on?",
        ),
        (
            ("triggers", "delete", "t"),
            "Delete the trigger t, and cancel those of its runs that are held, about to start, or waiting for a retry?",
        ),
        (
            ("triggers", "delete", "t", "--cancel", "all"),
            "Delete the trigger t, and cancel its unfinished runs, also those at work?",
        ),
        (
            ("triggers", "delete", "t", "--cancel", "none"),
            "Delete the trigger t, and let its unfinished runs go on?",
        ),
        (("projects", "delete"), "Delete the project acme and its API keys?"),
        (("keys", "revoke", "k-00"), "Revoke the API key k-00? Whoever has it is refused from then on."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
async def test_where_nobody_can_be_asked_nothing_is_deleted(
    tock: Tock,
    hosted: Hosted,
    words: tuple[str, ...],
    question: str,
) -> None:
    await hosted.rig.services.store.commit([Create(an_api_key("k-00"))])
    await tock("agents", "create", "spare", "--kind", "python", "--config", "callable=web.sample_agents:digest")
    await tock("triggers", "create", "t", "--agent", "digest", "--every", "1h")

    refused = await tock(*words, code=1)

    assert refused == f"{question} Nobody can be asked here.\nSay it beforehand: --yes."
    assert "spare" in await tock("agents", "list")
    assert "t " in await tock("triggers", "list")
    assert "k-00" in await tock("keys", "list")
