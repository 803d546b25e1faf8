"""Pages of every listing follow each other without a gap and without a repetition."""

import asyncio

import pytest

from web.rig import DAILY, DIGEST, Rig, created, ok, problem

pytestmark = pytest.mark.anyio
ACME = "/v1/projects/acme"


async def walk(rig: Rig, path: str, *, size: int, **filters: str) -> list[str]:
    collection = path.rpartition("/")[2].replace("-", "_")
    seen: list[str] = []
    token = ""
    while True:
        page = ok(await rig.api.get(path, params={"page_size": size, "page_token": token} | filters))
        items = [item["id"] for item in page[collection]]
        assert len(items) <= size
        seen += items
        token = page["next_page_token"]
        if token is None:
            return seen
        assert len(items) == size


@pytest.mark.parametrize("size", [1, 3, 7, 100])
async def test_a_walk_finds_everything_once_and_in_order(rig: Rig, size: int) -> None:
    await asyncio.gather(
        *(
            rig.api.post(f"{ACME}/triggers", json={"id": f"t{n}", "agent": "digest", "schedule": DAILY})
            for n in range(7)
        ),
        *(rig.api.post(f"{ACME}/agents", json=DIGEST | {"id": f"a{n}"}) for n in range(6)),
        *(rig.api.post(f"{ACME}/api-keys", json={}) for _ in range(7)),
        *(rig.api.post(f"{ACME}/agents/digest:run") for _ in range(7)),
        *(rig.api.post("/v1/projects", json={"id": f"p{n}"}) for n in range(6)),
    )

    for listing, ordered_by in (("triggers", "created"), ("agents", "created"), ("api-keys", "id"), ("runs", "at")):
        walked = await walk(rig, f"{ACME}/{listing}", size=size)
        collection = ok(await rig.api.get(f"{ACME}/{listing}"))[listing.replace("-", "_")]
        assert walked == [item["id"] for item in collection]
        assert (len(walked), len(set(walked))) == (7, 7)
        if ordered_by == "created":
            times = [item["created"]["at"] for item in collection]
            assert times == sorted(times, reverse=True)
    assert await walk(rig, "/v1/projects", size=size) == ["acme", *(f"p{n}" for n in range(6))]


async def test_a_token_belongs_to_its_listing_and_filters(rig: Rig) -> None:
    for _ in range(3):
        await rig.start()
    token = ok(await rig.api.get(f"{ACME}/runs", params={"page_size": 1, "status": "queued"}))["next_page_token"]

    other = await rig.api.get(f"{ACME}/runs", params={"page_size": 1, "page_token": token})
    same = await rig.api.get(f"{ACME}/runs", params={"page_size": 1, "page_token": token, "status": "queued"})

    assert problem(other, 400)["errors"][0]["field"] == "page_token"
    assert len(ok(same)["runs"]) == 1


async def test_an_empty_listing_is_a_page(rig: Rig) -> None:
    assert ok(await rig.api.get(f"{ACME}/triggers")) == {"triggers": [], "unreadable": [], "next_page_token": None}
    created(await rig.api.post(f"{ACME}/api-keys"))
