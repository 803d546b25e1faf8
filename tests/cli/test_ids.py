"""Ids on the command line: their first characters are enough, misspelt ones are named, and the shell completes them."""

import json
from pathlib import Path

import pytest

from client.conftest import Hosted
from ports.documents import an_api_key
from tock.client.profiles import Profile, Profiles, store_profiles
from tock.core.run.status import RunStatus
from tock.ports.store import Create
from tock_calls import Tock, completed, copied, started
from web.rig import ADMIN_KEY

pytestmark = pytest.mark.anyio


async def test_a_run_is_found_by_the_first_characters_of_its_id(tock: Tock, hosted: Hosted) -> None:
    run = await started(tock)
    await copied(hosted, run["id"], as_id="0123456789abcdef01234567", status=RunStatus.FAILED)

    shown = json.loads(await tock("runs", "show", "0123", "--json"))
    cancelled = json.loads(await tock("runs", "cancel", run["id"][:9], "--json"))

    assert shown["id"] == "0123456789abcdef01234567"
    assert cancelled["id"] == run["id"]
    assert "There is no run 'abcd'" in await tock("runs", "show", "abcd", code=1)
    assert "There is no run '012'" in await tock("runs", "show", "012", code=1)


async def test_an_ambiguous_beginning_names_the_runs(tock: Tock, hosted: Hosted) -> None:
    run = await started(tock)
    ids = [f"0123{n}6789abcdef0123456{n}" for n in range(7)]
    for each in ids:
        await copied(hosted, run["id"], as_id=each, status=RunStatus.FAILED)

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
    hosted: Hosted,
    words: tuple[str, ...],
    meant: str,
) -> None:
    await hosted.rig.services.store.commit([Create(an_api_key("k-0a1b2c3d4e5f"))])
    await tock("triggers", "create", "morning", "--agent", "digest", "--every", "1h")

    assert meant in (await tock(*words, code=1)).splitlines()


async def test_a_key_is_revoked_by_the_first_characters_of_its_id(tock: Tock, hosted: Hosted) -> None:
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
    assert (await completed(f"tock --server {hosted.url} --project acme --key {ADMIN_KEY} keys revoke k-0a1b")) == ids[
        :2
    ]


async def test_the_shell_completes_ids(tock: Tock, hosted: Hosted) -> None:
    await tock("triggers", "create", "morning", "--agent", "digest", "--every", "1h", "--name", "Each hour")
    run = await started(tock)
    shared = f"tock --server {hosted.url} --project acme --key {ADMIN_KEY}"

    assert await completed(f"{shared} triggers show mo") == ["morning"]
    assert await completed(f"{shared} agents run ") == ["digest"]
    assert await completed(f"{shared} runs list --agent di") == ["digest"]
    assert await completed(f"{shared} runs show {run['id'][:3]}") == [run["id"]]
    assert await completed(f"{shared} projects show a") == ["acme"]
    assert await completed(f"{shared} why mo") == ["morning"]
    assert await completed(f"{shared} triggers create noon --agent ") == ["digest"]
    assert await completed(f"{shared} triggers edit morning --agent di") == ["digest"]
    assert await completed(f"{shared} import crontab crontab --agent d") == ["digest"]
    assert await completed(f"tock --server {hosted.url} --key {ADMIN_KEY} --project a") == ["acme"]
    assert await completed(f"tock --server {hosted.url} --key {ADMIN_KEY} runs list --project a") == ["acme"]
    assert await completed("tock --server http://127.0.0.1:9 --project acme runs show a") == []


async def test_the_shell_completes_the_names_of_profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert await completed("tock profiles use ") == []
    stored = Profiles()
    for name in ("work", "wide", "home"):
        stored = stored.with_profile(name, Profile(f"https://{name}.example", "acme", "stored"))
    store_profiles(stored)

    assert await completed("tock profiles use w") == ["wide", "work"]
    assert await completed("tock profiles remove ho") == ["home"]
    assert await completed("tock --profile wo") == ["work"]
