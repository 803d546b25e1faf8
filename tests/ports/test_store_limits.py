"""What every store guarantees in races, and at its limits."""

import asyncio
from datetime import timedelta

import pytest

from ports.documents import MINUTE, NOW, a_run, a_trigger
from tock.core.errors import CommitConflict, InvalidArgument
from tock.core.run.run import Lease, Run, RunUsage, Snapshot
from tock.core.trigger.trigger import Input, Trigger
from tock.ports.store import Change, Create, Store, Versioned

pytestmark = pytest.mark.anyio


async def test_of_twenty_that_race_for_a_document_one_wins(store: Store) -> None:
    run = a_run()
    read = Versioned(run, await store.commit([Create(run)]))

    async def claim(owner: str) -> str | None:
        leased = run.model_copy(update={"lease": Lease(owner=owner, expires_at=NOW + MINUTE)})
        try:
            await store.commit([Change(read, leased)])
        except CommitConflict:
            return None
        return owner

    claims = await asyncio.gather(*(claim(f"runner-{number}") for number in range(20)))

    winners = [owner for owner in claims if owner is not None]
    found = await store.run("acme", "run-1")
    assert found is not None
    assert found.value.lease is not None
    assert winners == [found.value.lease.owner]


async def test_of_twenty_that_race_to_create_one_wins(store: Store) -> None:
    async def create(owner: str) -> str | None:
        try:
            await store.commit([Create(a_run(claimed_by=owner))])
        except CommitConflict:
            return None
        return owner

    claims = await asyncio.gather(*(create(f"tick-{number}") for number in range(20)))

    found = await store.run("acme", "run-1")
    assert found is not None
    assert [owner for owner in claims if owner is not None] == [found.value.claimed_by]


async def test_a_commit_moves_64_triggers_and_creates_their_runs(store: Store) -> None:
    triggers = [a_trigger(f"t{number}", project=f"p{number % 7}", shard=number % 8) for number in range(64)]
    version = await store.commit([Create(trigger) for trigger in triggers])

    version = await store.commit(
        [
            write
            for trigger in triggers
            for write in (
                Change(Versioned(trigger, version), _moved(trigger)),
                Create(a_run(f"run-of-{trigger.id}", project=trigger.project, trigger=trigger.id)),
            )
        ]
    )

    for trigger in (triggers[0], triggers[31], triggers[63]):
        assert await store.trigger(trigger.project, trigger.id) == Versioned(_moved(trigger), version)
        assert await store.run(trigger.project, f"run-of-{trigger.id}") is not None


async def test_sixty_kibibytes_come_back(store: Store) -> None:
    text = "Grüße, 世界 🌍 " * 4000
    trigger = a_trigger(input=Input(payload={"text": text[:9000]}))
    run = a_run(input=Snapshot(message=text, payload={"rows": [list(range(50))] * 250}), result=text)

    version = await store.commit([Create(trigger), Create(run)])

    assert await store.trigger("acme", "morning") == Versioned(trigger, version)
    assert await store.run("acme", "run-1") == Versioned(run, version)


async def test_a_document_that_is_too_large_is_refused_with_everything_beside_it(store: Store) -> None:
    large = a_run("large", result="x" * 1_100_000)

    with pytest.raises(InvalidArgument):
        await store.commit([Create(a_run("small")), Create(large)])

    assert await store.run("acme", "small") is None


async def test_a_document_that_grows_too_large_bit_by_bit_is_refused_at_the_last_of_them(store: Store) -> None:
    large = a_run("large", result="x" * 1_047_000)
    read = Versioned(large, await store.commit([Create(large)]))

    with pytest.raises(InvalidArgument):
        await store.commit([Change(read, large.model_copy(update={"reason": "y" * 2_000}))])

    assert await store.run("acme", "large") == read


async def test_many_small_documents_can_be_too_large_together(store: Store) -> None:
    with pytest.raises(InvalidArgument):
        await store.commit([Create(a_run(f"run-{number}", result="x" * 2000)) for number in range(1900)])

    assert await store.run("acme", "run-0") is None


async def test_a_commit_that_is_too_large_is_refused_at_once(store: Store) -> None:
    with pytest.raises(InvalidArgument):
        await store.commit([Create(_large_run(f"run-{number}")) for number in range(12)])

    assert await store.run("acme", "run-0") is None


@pytest.mark.parametrize(
    "fields", [{"usage": RunUsage(input_tokens=2**63)}, {"reason": "\ud800"}], ids=["number", "text"]
)
async def test_a_value_that_cannot_be_kept_is_refused_with_everything_beside_it(
    store: Store, fields: dict[str, object]
) -> None:
    with pytest.raises(InvalidArgument):
        await store.commit([Create(a_run("good")), Create(a_run("bad").model_copy(update=fields))])

    assert await store.run("acme", "good") is None


@pytest.mark.parametrize("value", [2**63, -(10**40), "\u0000", {"__x__": [[["Grüße"]]]}, [1e308, -0.0]])
async def test_free_json_takes_any_value(store: Store, value: object) -> None:
    run = a_run(result=value, input=Snapshot(payload={"value": value}))

    await store.commit([Create(run)])

    found = await store.run("acme", "run-1")
    assert found is not None
    assert found.value == run


def _moved(trigger: Trigger) -> Trigger:
    return trigger.model_copy(update={"next_run_at": NOW + timedelta(days=1), "last_run": f"run-of-{trigger.id}"})


def _large_run(identifier: str) -> Run:
    return a_run(identifier, result="x" * 400_000)
