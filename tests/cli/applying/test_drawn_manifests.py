"""Whatever definitions are applied one after the other: nothing is left to do."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tock_shell import Shell

pytestmark = pytest.mark.anyio
URL = "https://agents.example/run"
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
