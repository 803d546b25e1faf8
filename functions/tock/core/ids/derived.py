"""Ids that are derived from what they identify, so that the same thing can be created only once."""

import hashlib
from datetime import UTC, datetime

_ID_CHARACTERS = 24


def occurrence_id(*, project: str, trigger: str, fire_time: datetime, generation: int) -> str:
    """Return the id of the run for one fire time of one generation of a trigger: always the same, never sequential."""
    return _digest("occurrence", project, trigger, fire_time.astimezone(UTC).isoformat(), str(generation))


def keyed_run_id(*, project: str, key: str) -> str:
    """Return the id of the run that a request with this idempotency key creates in its project."""
    return _digest("key", project, key)


def task_id(*, project: str, run: str, attempt: int, dispatch: int) -> str:
    """Return the name of the task for one delivery of one attempt; Cloud Tasks accepts a name once."""
    return _digest("task", project, run, str(attempt), str(dispatch))


def tick_id(*, shard: int, period: int) -> str:
    """Return the name of the one continuation that a shard gets in a period; Cloud Tasks accepts a name once."""
    return _digest("tick", str(shard), str(period))


def lock_id(*, subject: str) -> str:
    """Return the id of the lock that a subject's active run holds."""
    return _digest("lock", subject)


def conversation_id(*, project: str, trigger: str, generation: int) -> str:
    """Return the id of the session that a trigger's runs go on with from this generation on."""
    return _digest("conversation", project, trigger, str(generation))


def slot_id(*, name: str) -> str:
    """Return the id of a slot of this name."""
    return _digest("slot", name)


def usage_id(*, day: str, agent: str, trigger: str | None, model: str | None, shard: int) -> str:
    """Return the id of the part of a day's usage that the attempts of these runs add to."""
    return _digest("usage", day, agent, trigger or "", model or "", str(shard))


def fingerprint(text: str) -> str:
    """Return a short digest of a request, which tells a repeated request from a new one with the same key."""
    return _digest("request", text)


def step_key(*, project: str, run: str, step: str) -> str:
    """Return the idempotency key of one step of a run: the same in every attempt."""
    return _digest("step", project, run, step)


def shard_of(identifier: str, *, shards: int) -> int:
    """Return the shard of an id, from 0 to shards - 1; shards spread the writes to an index whose values only grow."""
    return int.from_bytes(hashlib.sha256(identifier.encode()).digest()[:4]) % shards


def _digest(*parts: str) -> str:
    # Each part is prefixed with its length, so that different lists of parts never yield the same text.
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:_ID_CHARACTERS]
