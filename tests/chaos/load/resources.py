"""The load: agents and triggers of every kind and policy, as bodies of create requests of the API."""

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tock.core.time.duration import duration_text
from tock.core.time.instant import instant_text

PROJECTS = ("chaos-a", "chaos-b", "chaos-c")
MODULE = "chaos.load.agents"
#: The agents of which few runs work at once, which wait for an answer, which take messages, and which are commands.
LIMITED, WAITER, TALKER, CODER = "limited", "waits", "talker", "coder"
#: How many runs of the limited agent work at once in a project.
MOST_AT_ONCE = 2
#: The repository of the command agents, the command of a run, and the one that people run in its workspace.
REPOSITORY, WORK, CHECK = "shop", "work", "check"
#: The agents: the weight of each among the triggers, and the fewest seconds between two of its fire times.
AGENTS: Mapping[str, tuple[int, int]] = {
    "instant": (35, 10),
    "brief": (30, 10),
    "flaky": (12, 10),
    "steady": (10, 10),
    "long": (8, 30),
    "blocking": (5, 45),
    LIMITED: (12, 10),
    WAITER: (8, 30),
    TALKER: (6, 30),
    CODER: (4, 45),
}
#: Seconds between two fire times, with the weight of each; 29 s on average.
_PERIODS = {10: 6, 12: 4, 15: 6, 20: 8, 30: 20, 45: 22, 60: 34}


def agents() -> list[dict[str, Any]]:
    """Return the agents."""
    in_python = [name for name in AGENTS if name != CODER]
    return [
        *(
            {"id": name, "kind": "python", "config": {"callable": f"{MODULE}:{name}"}}
            | ({"concurrency": MOST_AT_ONCE} if name == LIMITED else {})
            for name in in_python
        ),
        {"id": CODER, "kind": "command", "config": {"command": WORK, "repository": REPOSITORY}},
    ]


def a_trigger(number: int, *, rng: random.Random, now: datetime, end: datetime, lease: timedelta) -> dict[str, Any]:
    """Return a random trigger whose last fire time comes before `end`."""
    [agent] = rng.choices(list(AGENTS), weights=[share for share, _ in AGENTS.values()])
    return {
        "id": f"t-{number:04d}",
        "agent": agent,
        "schedule": a_schedule(agent, rng=rng, now=now, end=end),
        "input": an_input(rng=rng, lease=lease),
        "overlap": rng.choice(["skip", "queue", "parallel", "replace"]),
        "queue_depth": 1 if agent == "long" else rng.randint(1, 3),
        "catch_up": {"mode": rng.choice(["latest", "all", "none"]), "window": f"PT{rng.randint(1, 10)}M"},
        "retry": {"max_retries": rng.randint(0, 3), "delay": f"PT{rng.randint(1, 3)}S"},
        "timeout": duration_text(4 * lease + timedelta(minutes=1)),
        "end": instant_text(end),
    }


def an_input(*, rng: random.Random, lease: timedelta) -> dict[str, Any]:
    """Return an input. It makes the long agent work for two leases."""
    return {"message": f"message {rng.random()}", "payload": {"seconds": 2 * lease.total_seconds()}}


def a_schedule(agent: str, *, rng: random.Random, now: datetime, end: datetime) -> dict[str, Any]:
    """Return a schedule that is not too dense for the agent: an interval, a cron expression with seconds, or once."""
    _, least = AGENTS[agent]
    draw = rng.random()
    if draw < 0.08:
        return {"at": instant_text(now + (end - now) * rng.uniform(0.25, 0.95))}
    periods = {period: share for period, share in _PERIODS.items() if period >= least}
    [period] = rng.choices(list(periods), weights=list(periods.values()))
    if draw < 0.55 or 60 % period:
        anchor = now.replace(microsecond=0) - timedelta(seconds=rng.randrange(period))
        return {"every": f"PT{period}S", "anchor": instant_text(anchor)}
    second = rng.randrange(period)
    zone = rng.choice(["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns"])
    # Two digits, because a single one could be meant as a weekday.
    seconds = ",".join(f"{each:02}" for each in range(second, 60, period))
    return {"cron": f"* * * * * {seconds}", "time_zone": zone}
