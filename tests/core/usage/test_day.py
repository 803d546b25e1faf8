"""The document that an attempt's usage is added to: one for each day, agent, trigger, model and shard."""

from datetime import UTC, datetime, timedelta

from ports.documents import a_run
from tock.core.run.outcome import Usage
from tock.core.usage.day import UsageDay

EVENING = datetime(2027, 3, 28, 23, 59, 59, 999999, tzinfo=UTC)
USED = Usage(input_tokens=10, output_tokens=3, cost=0.5, model="openai:gpt-5", unpriced_tokens=0)


def test_an_attempt_counts_on_the_utc_day_on_which_it_ends() -> None:
    before = UsageDay.of(a_run(shard=3), USED, now=EVENING)
    after = UsageDay.of(a_run(shard=3), USED, now=EVENING + timedelta(microseconds=1))

    assert before == UsageDay(
        project="acme",
        id=before.id,
        day=datetime(2027, 3, 28, tzinfo=UTC),
        agent="digest",
        trigger="morning",
        model="openai:gpt-5",
        shard=3,
        attempts=1,
        input_tokens=10,
        output_tokens=3,
        cost=0.5,
        expire_at=datetime(2028, 5, 1, tzinfo=UTC),
    )
    assert after.day == datetime(2027, 3, 29, tzinfo=UTC)
    assert after.id != before.id


def test_what_differs_in_agent_trigger_model_or_shard_is_added_elsewhere() -> None:
    runs = [a_run(shard=3), a_run(shard=4), a_run(shard=3, trigger=None), a_run(shard=3, agent="other")]
    models = ["openai:gpt-5", None, "gpt-5"]

    ids = {UsageDay.of(run, Usage(1, model=model), now=EVENING).id for run in runs for model in models}

    assert len(ids) == len(runs) * len(models)


def test_runs_of_one_trigger_and_shard_share_a_document() -> None:
    ids = {UsageDay.of(a_run(f"run-{number}", shard=3), USED, now=EVENING).id for number in range(3)}

    assert len(ids) == 1
