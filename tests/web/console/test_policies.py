"""The policies of a trigger in words."""

from typing import Any

import pytest

from tock.core.trigger.trigger import TriggerSpec
from tock.web.console.pages.triggers.detail.policies import policies_in_words

RETRIED = "After a failure a run is tried again"
QUEUED = "A fire time that comes while an earlier run is active waits for it to end"


@pytest.mark.parametrize(
    ("fields", "name", "words"),
    [
        ({}, "Overlap", "A fire time that comes while an earlier run is active is skipped."),
        ({"overlap": "queue"}, "Overlap", f"{QUEUED}; when 1 run waits already, it is skipped."),
        ({"overlap": "queue", "queue_depth": 3}, "Overlap", f"{QUEUED}; when 3 runs wait already, it is skipped."),
        (
            {"overlap": "parallel", "max_parallel": 4},
            "Overlap",
            "A fire time that comes while an earlier run is active starts beside it, up to 4 at once.",
        ),
        (
            {"catch_up": {"mode": "none"}},
            "Catch-up",
            "Fire times that came more than a minute late are recorded as missed.",
        ),
        (
            {"catch_up": {"mode": "all", "window": "2h"}},
            "Catch-up",
            "Fire times that came too late run one after another, if they are at most 2 h late.",
        ),
        ({"retry": {"max_retries": 0}}, "Retries", "None: the first failure ends a run."),
        (
            {"retry": {"max_retries": 1, "delay": "90s", "give_up_at_next": True}},
            "Retries",
            f"{RETRIED} once, first after 1 min 30 s; a run that waits for its retry ends when the next one starts.",
        ),
        ({"timeout": "10m"}, "Timeout", "An attempt is stopped after 10 min."),
        (
            {"start_deadline": "30s"},
            "Start deadline",
            "A run that cannot start within 30 s of its fire time is recorded as missed.",
        ),
        ({"session": "continue"}, "Conversation", "Each run goes on with the conversation of the run before it."),
        (
            {"evidence": {"events": ["saved"], "min_tokens": 2000}},
            "Evidence",
            "A run succeeds only with events of the kind saved and at least 2,000 tokens.",
        ),
    ],
    ids=repr,
)
def test_each_policy_has_a_sentence(fields: dict[str, Any], name: str, words: str) -> None:
    spec = TriggerSpec.model_validate({"agent": "reader", "schedule": {"cron": "0 9 * * *"}} | fields)

    assert dict(policies_in_words(spec))[name] == words


def test_policies_that_are_not_set_have_none() -> None:
    spec = TriggerSpec.model_validate({"agent": "reader", "schedule": {"cron": "0 9 * * *"}})

    assert [name for name, _ in policies_in_words(spec)] == ["Overlap", "Catch-up", "Retries", "Timeout"]
