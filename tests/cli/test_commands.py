"""The commands against the real API, behind a real HTTP server, on the Firestore emulator."""

import json
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest
from typer.testing import CliRunner

from client.conftest import Hosted, hosted  # noqa: F401 - the fixture
from ports.documents import an_api_key
from tock.cli.errors import CommandError
from tock.cli.exit_status import ExitStatus
from tock.cli.main import app
from tock.client.local_stack import ADDRESS_FILE, DATA
from tock.client.profiles import Profile, Profiles, store_profiles
from tock.core.run.status import RunStatus
from tock.ports.store import Change, Create
from web.conftest import clock_file, cloud_tasks, empty, rig, services  # noqa: F401 - fixtures
from web.rig import ADMIN_KEY

pytestmark = pytest.mark.anyio
Tock = Callable[..., Awaitable[str]]


@pytest.fixture
def tock(hosted: Hosted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tock:  # noqa: F811 - the fixture
    """Call `tock` by the clock of the API, as in the folder of a local stack, and return what it printed.

    `code` is the exit status that is expected.
    """
    address = {"api": hosted.url, "project": "acme", "movable": {"clock": str(clock_file(tmp_path))}}
    stack = tmp_path / DATA / ADDRESS_FILE
    stack.parent.mkdir()
    stack.write_text(json.dumps(address))
    monkeypatch.chdir(tmp_path)

    async def call(*words: str, code: int = 0, project: str = "acme") -> str:
        done = await _invoke("--server", hosted.url, "--project", project, "--key", ADMIN_KEY, *words)
        assert done.exit_code == code, (done.output, done.exception)
        if isinstance(done.exception, CommandError):
            return "\n".join([str(done.exception), *done.exception.details])
        return done.output

    return call


async def test_a_run_is_found_by_the_first_characters_of_its_id(tock: Tock, hosted: Hosted) -> None:  # noqa: F811
    run = await _start(tock)
    await _copy(hosted, run["id"], as_id="0123456789abcdef01234567", status=RunStatus.FAILED)

    shown = json.loads(await tock("runs", "show", "0123", "--json"))
    cancelled = json.loads(await tock("runs", "cancel", run["id"][:9], "--json"))

    assert shown["id"] == "0123456789abcdef01234567"
    assert cancelled["id"] == run["id"]
    assert "There is no run 'abcd'" in await tock("runs", "show", "abcd", code=1)
    assert "There is no run '012'" in await tock("runs", "show", "012", code=1)


async def test_an_ambiguous_beginning_names_the_runs(tock: Tock, hosted: Hosted) -> None:  # noqa: F811
    run = await _start(tock)
    ids = [f"0123{n}6789abcdef0123456{n}" for n in range(7)]
    for each in ids:
        await _copy(hosted, run["id"], as_id=each, status=RunStatus.FAILED)

    said = await tock("runs", "cancel", "0123", code=1)

    assert said.splitlines() == [
        "Several runs begin with '0123': write more of the id.",
        *(f"{each}  digest  failed" for each in ids[:5]),
        "…",
    ]


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("agents", "run", "digets"), "Did you mean digest?"),
        (("triggers", "show", "mornin"), "Did you mean morning?"),
        (("triggers", "create", "t", "--agent", "dijest", "--every", "1h"), "Did you mean digest?"),
        (("projects", "show", "acmee"), "Did you mean acme?"),
        (("keys", "revoke", "k-0a1b2c3d4e5g", "--yes"), "Did you mean k-0a1b2c3d4e5f?"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
async def test_a_misspelt_id_gets_the_one_that_was_meant(
    tock: Tock,
    hosted: Hosted,  # noqa: F811
    words: tuple[str, ...],
    meant: str,
) -> None:
    await hosted.rig.services.store.commit([Create(an_api_key("k-0a1b2c3d4e5f"))])
    await tock("triggers", "create", "morning", "--agent", "digest", "--every", "1h")

    assert meant in (await tock(*words, code=1)).splitlines()


async def test_a_key_is_revoked_by_the_first_characters_of_its_id(tock: Tock, hosted: Hosted) -> None:  # noqa: F811
    ids = ["k-0a1b2c3d4e5f", "k-0a1b2c3d4e60", "k-0a1b2c3d4e6", "k-ffffffffffff"]
    await hosted.rig.services.store.commit([Create(an_api_key(each, name=f"for {each[-1]}")) for each in ids])

    several = await tock("keys", "revoke", "k-0a1b", "--yes", code=1)
    whole = await tock("keys", "revoke", "k-0a1b2c3d4e6", "--yes")
    short = await tock("keys", "revoke", "k-ff", "--yes")

    assert several.splitlines() == [
        "Several API keys begin with 'k-0a1b': write more of the id.",
        *(f"{each}  for {each[-1]}" for each in sorted(ids[:3])),
    ]
    assert (whole, short) == ("Key k-0a1b2c3d4e6 revoked.\n", "Key k-ffffffffffff revoked.\n")
    assert (await tock("keys", "list", "--columns", "key", "--csv")).split() == ["key", *ids[:2]]
    assert (await _completed(f"tock --server {hosted.url} --project acme --key {ADMIN_KEY} keys revoke k-0a1b")) == ids[
        :2
    ]


async def test_a_list_says_how_to_see_the_rest_without_the_key(tock: Tock, hosted: Hosted) -> None:  # noqa: F811
    for _ in range(3):
        await _start(tock)

    two = await tock("runs", "list", "--source", "manual", "--status", "queued,failed", "--limit", "2")
    more = two.splitlines()[-1].split("tock ", 1)[1].split()
    all_of_them = await tock(*more, "--columns", "run,status", "--csv")

    assert f"These are 2 of 3: tock --server {hosted.url} --project acme runs list" in two
    assert ADMIN_KEY not in two
    assert all_of_them.splitlines()[0] == "run,status"
    assert len(all_of_them.splitlines()) == 4


async def test_runs_are_listed_in_the_order_and_of_the_time_that_is_asked_for(tock: Tock) -> None:
    run = await _start(tock)

    by_cost = await tock("runs", "list", "--sort", "cost", "--since", "1h", "--columns", "run", "--csv")
    by_start = await tock("runs", "list", "--sort", "started")
    earlier = await tock("runs", "list", "--until", "yesterday")

    assert by_cost.split() == ["run", run["id"]]
    assert (by_start, earlier) == ("No runs.\n", "No runs.\n")


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
    hosted: Hosted,  # noqa: F811
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


async def test_waiting_ends_with_the_timeout_and_the_run_goes_on(tock: Tock) -> None:
    said = await tock("agents", "run", "digest", "--timeout", "PT0.1S", code=ExitStatus.STILL_ACTIVE)
    [run] = json.loads(await tock("runs", "list", "--json"))["runs"]

    assert f"Run {run['id']} is queued, and goes on. Follow it again: tock runs follow {run['id']}" in said
    assert run["status"] == "queued"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (RunStatus.SUCCEEDED, 0),
        (RunStatus.FAILED, 3),
        (RunStatus.TIMED_OUT, 4),
        (RunStatus.CANCELLED, 5),
        (RunStatus.SKIPPED, 6),
        (RunStatus.MISSED, 7),
    ],
)
async def test_the_exit_status_says_how_a_run_ended(
    tock: Tock,
    hosted: Hosted,  # noqa: F811 - the fixture
    status: RunStatus,
    code: int,
) -> None:
    run = await _start(tock)
    await _copy(hosted, run["id"], as_id="0123456789abcdef01234567", status=status)

    await tock("runs", "follow", "0123456789abcdef01234567", code=code)
    await tock("runs", "follow", "0123456789abcdef01234567", "--timeout", "1m", code=code)


async def test_every_time_is_shown_in_the_zone(tock: Tock) -> None:
    run = await _start(tock)
    await tock("triggers", "create", "t", "--agent", "digest", "--every", "1h")

    shown = {
        words: await tock(*words.split(), "--zone", "Asia/Kathmandu")
        for words in (
            f"runs show {run['id']}",
            f"runs timeline {run['id']}",
            "runs cancel --where agent=digest --plan",
            "triggers proof t --since 1d",
            "upcoming",
        )
    }

    assert [words for words, text in shown.items() if "+0545" not in text and "+05:45" not in text] == []


async def test_one_time_means_the_same_wherever_it_is_asked_for(tock: Tock) -> None:
    run = await _start(tock)
    at = ("--zone", "Asia/Kathmandu")

    listed = await tock("runs", "list", "--since", "today", "--csv", "--columns", "run", *at)
    planned = json.loads(await tock("runs", "cancel", "--where", "since=today", "--plan", "--json", *at))
    later = json.loads(await tock("runs", "cancel", "--where", "since=in 1h", "--plan", "--json", *at))
    spent = json.loads(await tock("spend", "--since", "yesterday", "--until", "today", "--json", *at))

    assert listed.split() == ["run", run["id"]]
    assert (planned["runs"], later["runs"]) == ([run["id"]], [])
    assert date.fromisoformat(spent["to"]) - date.fromisoformat(spent["from"]) == timedelta(days=1)


async def test_the_time_of_a_question_is_read_as_that_of_a_schedule(tock: Tock) -> None:
    once = ("--agent", "digest", "--at", "2127-01-01 9:00", "--zone", "Asia/Kathmandu")
    await tock("triggers", "create", "once", *once)

    asked = await tock("why", "once", "2127-01-01 9:00", "--zone", "Asia/Kathmandu")
    skipped = await tock("why", "once", "2027-03-28 2:30", "--zone", "Europe/Berlin", code=1)

    assert "to come" in asked
    assert skipped.startswith("TIME: '2027-03-28 2:30' does not exist in Europe/Berlin, whose clocks skip it")


async def test_a_length_that_is_none_is_a_usage_error_and_starts_nothing(tock: Tock) -> None:
    await tock("agents", "run", "digest", "--timeout", "soon", code=2)

    assert json.loads(await tock("runs", "list", "--json"))["runs"] == []


async def test_every_list_has_every_form(tock: Tock) -> None:
    await tock("triggers", "create", "hourly", "--agent", "digest", "--every", "1h")

    coming = await tock("upcoming", "--limit", "2", "--csv", "--columns", "of,status,scheduled_for")
    spent = await tock("spend", "--csv")
    proven = await tock("proof", "hourly", "--ndjson")

    more, headings, *rows = coming.splitlines()
    assert more.startswith("There are more than these 2: tock ")
    assert more.endswith("upcoming --columns of,status,scheduled_for --csv --limit 500")
    assert (headings, [row.split(",")[0] for row in rows]) == ("of,status,scheduled_for", ["hourly", "hourly"])
    assert spent == "agent,attempts,input_tokens,output_tokens,unpriced_tokens,cost\n"
    assert proven.startswith("Every occurrence is accounted for, once: hourly, ")
    assert "there is no column 'statsu'" in await tock("upcoming", "--columns", "statsu", code=1)


async def test_lists_are_filtered_and_put_in_order(tock: Tock) -> None:
    for name, label, state in (("noon", "team=shop", "--enabled"), ("evening", "team=shop", "--disabled")):
        await tock("triggers", "create", name, "--agent", "digest", "--every", "1h", "--label", label, state)
    await tock("triggers", "create", "dawn", "--agent", "digest", "--every", "1h")

    async def ids(*words: str) -> list[str]:
        return [json.loads(line)["id"] for line in (await tock(*words, "--ndjson")).splitlines()]

    assert await ids("triggers", "list", "--label", "team=shop", "--sort", "trigger") == ["evening", "noon"]
    assert await ids("triggers", "list", "--label", "team=shop", "--enabled") == ["noon"]
    assert await ids("triggers", "list", "--reverse") == ["noon", "evening", "dawn"]
    assert await ids("triggers", "list", "--sort", "trigger", "--reverse") == ["noon", "evening", "dawn"]
    assert await ids("agents", "list", "--kind", "python", "--enabled") == ["digest"]
    assert (await ids("agents", "list", "--kind", "http"), await ids("agents", "list", "--disabled")) == ([], [])
    first, second = [json.loads(await tock("agents", "run", "digest", "--json"))["id"] for _ in range(2)]
    assert await ids("runs", "list", "--reverse", "--limit", "5") == [first, second]
    assert await ids("projects", "list", "--sort", "project") == ["acme"]


async def test_the_shell_completes_ids(tock: Tock, hosted: Hosted) -> None:  # noqa: F811 - the fixture
    await tock("triggers", "create", "morning", "--agent", "digest", "--every", "1h", "--name", "Each hour")
    run = await _start(tock)
    shared = f"tock --server {hosted.url} --project acme --key {ADMIN_KEY}"

    assert await _completed(f"{shared} triggers show mo") == ["morning"]
    assert await _completed(f"{shared} agents run ") == ["digest"]
    assert await _completed(f"{shared} runs list --agent di") == ["digest"]
    assert await _completed(f"{shared} runs show {run['id'][:3]}") == [run["id"]]
    assert await _completed(f"{shared} projects show a") == ["acme"]
    assert await _completed(f"{shared} why mo") == ["morning"]
    assert await _completed(f"{shared} triggers create noon --agent ") == ["digest"]
    assert await _completed(f"{shared} triggers edit morning --agent di") == ["digest"]
    assert await _completed(f"{shared} import crontab crontab --agent d") == ["digest"]
    assert await _completed(f"tock --server {hosted.url} --key {ADMIN_KEY} --project a") == ["acme"]
    assert await _completed(f"tock --server {hosted.url} --key {ADMIN_KEY} runs list --project a") == ["acme"]
    assert await _completed("tock --server http://127.0.0.1:9 --project acme runs show a") == []


async def test_the_shell_completes_the_names_of_profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert await _completed("tock profiles use ") == []
    stored = Profiles()
    for name in ("work", "wide", "home"):
        stored = stored.with_profile(name, Profile(f"https://{name}.example", "acme", "stored"))
    store_profiles(stored)

    assert await _completed("tock profiles use w") == ["wide", "work"]
    assert await _completed("tock profiles remove ho") == ["home"]
    assert await _completed("tock --profile wo") == ["work"]


async def _start(tock: Tock) -> dict[str, Any]:
    started: dict[str, Any] = json.loads(await tock("agents", "run", "digest", "--json"))
    return started


async def _copy(hosted: Hosted, run: str, *, as_id: str, status: RunStatus) -> None:  # noqa: F811 - no fixture
    """Store another run like this one, which has ended if the status says so."""
    store = hosted.rig.services.store
    found = await store.run("acme", run)
    assert found is not None
    copied = found.value.model_copy(update={"id": as_id})
    version = await store.commit([Create(copied)])
    ended = {"status": status, "finished": copied.created.at, "check_at": None}
    stored = await store.run("acme", as_id)
    assert stored is not None
    assert stored.version == version
    await store.commit([Change(stored, copied.model_copy(update=ended))])


async def _completed(line: str) -> list[str]:
    words = line.split(" ")
    environment = {
        "_TOCK_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    done = await anyio.to_thread.run_sync(lambda: CliRunner().invoke(app, [], env=environment, prog_name="tock"))
    return done.stdout.split()


async def _invoke(*words: str) -> Any:
    return await anyio.to_thread.run_sync(lambda: CliRunner().invoke(app, list(words)))
