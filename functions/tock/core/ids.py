"""Identities derived from what they identify, so that the same thing can be created only once."""

import hashlib
from datetime import UTC, datetime

_ID_CHARACTERS = 24


def occurrence_id(*, project: str, trigger: str, fire_time: datetime, generation: int) -> str:
    """The id of the run of one fire time of one version of a trigger: never sequential, always the same."""
    return _digest("occurrence", project, trigger, fire_time.astimezone(UTC).isoformat(), str(generation))


def keyed_run_id(*, project: str, key: str) -> str:
    """The id of the run that an idempotency key stands for within its project."""
    return _digest("key", project, key)


def task_id(*, project: str, run: str, attempt: int, dispatch: int) -> str:
    """The name of one delivery of one attempt; Cloud Tasks accepts it once."""
    return _digest("task", project, run, str(attempt), str(dispatch))


def tick_id(*, shard: int, period: int) -> str:
    """The name of the one further tick that a shard's backlog gets in a period; Cloud Tasks accepts it once."""
    return _digest("tick", str(shard), str(period))


def lock_id(*, subject: str) -> str:
    """The id of the lock that a subject's active run holds."""
    return _digest("lock", subject)


def fingerprint(text: str) -> str:
    """A short digest of a request, to tell a repetition from a new request under an old key."""
    return _digest("request", text)


def step_key(*, project: str, run: str, step: str) -> str:
    """The idempotency key of one step of a run: the same in every attempt."""
    return _digest("step", project, run, step)


def shard_of(identifier: str, *, shards: int) -> int:
    """The shard, from 0 to shards - 1, that spreads the writes of an ever-growing index."""
    return int.from_bytes(hashlib.sha256(identifier.encode()).digest()[:4]) % shards


def _digest(*parts: str) -> str:
    # Each part is framed by its length, so that no two lists of parts share a text.
    framed = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(framed.encode()).hexdigest()[:_ID_CHARACTERS]
