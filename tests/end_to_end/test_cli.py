"""The command line against a running stack, mistakes included."""

import json
import re
from datetime import timedelta

import pytest

from end_to_end.running_stack import RunningStack
from tock.bootstrap.system_clock import SystemClock
from waiting import result_of


def test_a_trigger_from_its_creation_to_its_run_and_end(dev: RunningStack) -> None:
    berlin = ("--cron", "0 9 * * 1-5", "--time-zone", "Europe/Berlin")
    created = dev.tock("triggers", "create", "typed", "--agent", "pulse", *berlin)

    assert "Trigger typed created: at 09:00 on Monday to Friday, Europe/Berlin time." in created
    assert re.search(r"Next fire times: \d{4}-\d\d-\d\dT09:00:00\+0[12]:00, ", created)
    edited = dev.tock("triggers", "edit", "typed", '{"schedule": {"cron": "30 2 * * *"}}')
    assert "Trigger typed changed: at 02:30 every day, Europe/Berlin time." in edited
    skipping = dev.tock("triggers", "preview", "typed", "--since", "2027-03-27T12:00:00Z", "--count", "2")
    assert "Skipped by a clock change: 2027-03-28T02:30:00 fires at 2027-03-28T01:00:00Z instead (gap:" in skipping
    dev.tock("triggers", "edit", "typed", '{"schedule": {"cron": "0 9 * * 1-5"}}')
    assert "0 9 * * 1-5 (Europe/Berlin)" in dev.tock("triggers", "list")
    preview = json.loads(dev.tock("triggers", "preview", "typed", "--from", "2027-03-26T00:00:00Z", "--json"))
    assert [fire["local"] for fire in preview["fires"]][:2] == [
        "2027-03-26T09:00:00+01:00",
        "2027-03-29T09:00:00+02:00",
    ]
    run = json.loads(dev.tock("triggers", "run", "typed", "--wait", "--json"))
    assert (run["status"], run["source"], run["trigger"]) == ("succeeded", "manual", "typed")
    assert run["id"] in dev.tock("runs", "list", "--trigger", "typed")
    assert "is disabled" in dev.tock("triggers", "disable", "typed")
    assert json.loads(dev.tock("triggers", "show", "typed", "--json"))["next_run_at"] is None
    assert "The trigger is disabled: it fires at none of these times" in dev.tock("triggers", "preview", "typed")
    assert "Trigger typed enabled: at 09:00 on Monday to Friday" in dev.tock("triggers", "enable", "typed")
    dev.tock("triggers", "delete", "typed", "--yes")
    assert "There is no trigger 'typed'" in dev.tock("triggers", "show", "typed", code=1)


@pytest.mark.slow
def test_the_same_key_gives_the_same_run(dev: RunningStack) -> None:
    first = json.loads(dev.tock("agents", "run", "pulse", "--idempotency-key", "typed-twice", "--json"))
    again = json.loads(dev.tock("agents", "run", "pulse", "--idempotency-key", "typed-twice", "--json"))

    assert first["id"] == again["id"]


@pytest.mark.slow
def test_a_failing_run_is_followed_to_its_end_and_exits_3(dev: RunningStack) -> None:
    dev.tock(
        "agents", "create", "broken", "--kind", "python", "--config", '{"callable": "tock.local.demo.agents:digest"}'
    )

    output = dev.tock("agents", "run", "broken", "--payload", '{"repo": "/nowhere"}', "--wait", "--json", code=3)

    assert "git cannot read /nowhere" in output


@pytest.mark.slow
def test_a_retry_takes_another_model(dev: RunningStack) -> None:
    run = json.loads(dev.tock("agents", "run", "pulse", "--model", "small", "--ref", "v1", "--wait", "--json"))

    again = json.loads(dev.tock("runs", "retry", run["id"], "--model", "large", "--wait", "--json"))

    assert (again["retry_of"], again["input"]["model"], again["input"]["ref"]) == (run["id"], "large", "v1")
    assert json.loads(dev.tock("runs", "show", run["id"], "--json"))["retried_by"] == [again["id"]]


@pytest.mark.slow
def test_a_trigger_and_its_run_have_a_ref(dev: RunningStack) -> None:
    words = ("triggers", "create", "versioned", "--agent", "pulse", "--every", "1h", "--ref", "v1", "--disabled")
    made = json.loads(dev.tock(*words, "--json"))

    runs = [
        json.loads(dev.tock("triggers", "run", "versioned", *ref, "--wait", "--json")) for ref in ([], ["--ref", "v2"])
    ]

    assert [made["input"]["ref"], *(run["input"]["ref"] for run in runs)] == ["v1", "v1", "v2"]
    dev.tock("triggers", "delete", "versioned", "--yes")


@pytest.mark.slow
def test_a_proof_says_what_became_of_every_occurrence(dev: RunningStack) -> None:
    proof = json.loads(dev.tock("proof", "pulse", "--json"))

    assert (proof["holds"], proof["counts"]["lost"], proof["expected"]) == (True, 0, len(proof["occurrences"]))
    for command in (
        ["proof", "pulse"],
        ["triggers", "proof", "pulse", "--since", proof["from"], "--until", proof["to"]],
    ):
        assert "Every occurrence is accounted for, once: pulse" in dev.tock(*command)


@pytest.mark.slow
def test_a_proof_that_does_not_hold_exits_1_and_names_the_fire_time(dev: RunningStack) -> None:
    at = (SystemClock().now() + timedelta(seconds=5)).replace(microsecond=0)
    dev.tock("triggers", "create", "vanishing", "--agent", "pulse", "--at", at.isoformat())
    [run] = result_of(lambda: [run for run in dev.get("/runs", trigger="vanishing")["runs"] if run["finished"]])
    dev.delete_record(run["id"])

    output = dev.tock("proof", "vanishing", code=1)

    assert "The proof does not hold: 1 fault: vanishing" in output
    _count, finding = [line for line in output.splitlines() if line.startswith("lost")]
    assert "has no record" in finding
    assert json.loads(dev.tock("proof", "vanishing", "--json", code=1))["counts"]["lost"] == 1


@pytest.mark.slow
def test_what_runs_consume_is_shown_and_added_up(dev: RunningStack) -> None:
    dev.tock("agents", "create", "typed-model", "--kind", "llm", "--config", '{"model": "test"}')
    run = json.loads(dev.tock("agents", "run", "typed-model", "--message", "Hello", "--wait", "--json"))

    used = run["usage"]["input_tokens"] + run["usage"]["output_tokens"]
    assert (run["usage"]["model"], run["usage"]["unpriced_tokens"]) == ("test", used)
    listed = dev.tock("runs", "list", "--agent", "typed-model")
    assert re.search(rf" {used} +unknown +succeeded", listed)
    assert re.search(rf"tokens +{used}\s", dev.tock("runs", "show", run["id"]))
    assert re.search(rf"test +1 +\d+ +\d+ +{used} +unknown", dev.tock("spend", "--by", "model"))
    assert "typed-model" in dev.tock("spend", "--since", "2d")
    # Two days, if midnight has come since.
    [*_, day] = json.loads(dev.tock("spend", "--since", "1d", "--by", "day", "--json"))["groups"]
    assert day["attempts"] >= 1
    nothing = dev.tock("spend", "--since", "2020-01-01", "--until", "2020-01-31")
    assert "Nothing was consumed from 2020-01-01 to 2020-01-31 (UTC)." in nothing


@pytest.mark.slow
def test_an_agent_asks_for_evidence_and_a_trigger_for_other_evidence(dev: RunningStack) -> None:
    config = ("--kind", "llm", "--config", '{"model": "test"}')
    dev.tock("agents", "create", "typed-evidence", *config, "--evidence", '{"events": ["never"]}')
    asks = ("--evidence", '{"min_tokens": 1}', "--progress-every", "1m")
    dev.tock(
        "triggers", "create", "typed-evidence", "--agent", "typed-evidence", "--every", "1h", "--message", "Hi", *asks
    )

    failed = dev.tock("agents", "run", "typed-evidence", "--message", "Hello", "--wait", code=3)
    run = json.loads(dev.tock("triggers", "run", "typed-evidence", "--wait", "--json"))

    assert "no_evidence: The agent ended without what it must show: events of kind never." in " ".join(failed.split())
    assert (run["status"], run["evidence"]["min_tokens"], run["progress_every"]) == ("succeeded", 1, "PT1M")
    dev.tock("triggers", "delete", "typed-evidence", "--yes")


MISTAKES = {
    "no such day": (["spend", "--since", "soon"], "--since: 'soon' is no time"),
    "days the wrong way round": (
        ["spend", "--since", "2027-01-02", "--until", "2027-01-01"],
        "--since (from): is after --until, 2027-01-01: swap them",
    ),
    "evidence that is none": (
        ["agents", "create", "x", "--kind", "llm", "--config", '{"model": "test"}', "--evidence", '{"files": 1}'],
        "evidence.files",
    ),
    "no schedule": (["triggers", "create", "x", "--agent", "pulse"], "Exactly one of --cron, --every and --at"),
    "bad cron": (["triggers", "create", "x", "--agent", "pulse", "--cron", "99 * * * *"], "schedule.cron"),
    "bad zone": (
        ["triggers", "create", "x", "--agent", "pulse", "--cron", "0 9 * * *", "--time-zone", "Foo/Bar"],
        "schedule.time_zone",
    ),
    "second first": (
        ["triggers", "create", "x", "--agent", "pulse", "--cron", "0 0 9 * * 1"],
        "write '0 9 * * 1' for 'at 09:00 on Monday'",
    ),
    "zone of an interval": (
        ["triggers", "create", "x", "--agent", "pulse", "--every", "1h", "--time-zone", "UTC"],
        "belongs to cron",
    ),
    "unknown agent": (["triggers", "create", "x", "--agent", "nobody", "--every", "1m"], "there is no agent 'nobody'"),
    "too dense": (["triggers", "create", "x", "--agent", "pulse", "--every", "1s"], "PT10S"),
    "not json": (["agents", "run", "pulse", "--payload", "{oops"], "--payload: not JSON"),
    "not an object": (["agents", "run", "pulse", "--payload", "[1]"], "a JSON object is needed"),
    "no such file": (["agents", "run", "pulse", "--payload", "@nowhere.json"], "nowhere.json"),
    "not allowed": (
        ["agents", "create", "x", "--kind", "python", "--config", '{"callable": "os:getcwd"}'],
        "config.callable",
    ),
    "unknown kind": (["agents", "create", "x", "--kind", "magic", "--config", "{}"], "kind"),
    "unknown run": (["runs", "show", "nothing"], "There is no run 'nothing'"),
    "unknown status": (["runs", "list", "--status", "done"], "status"),
    "unproved trigger": (["proof", "nothing"], "There is no trigger 'nothing'"),
    "future proof": (["proof", "pulse", "--to", "2999-01-01T00:00:00Z"], "--until (to): lies in the future"),
    "no server": (["--server", "http://127.0.0.1:9", "--project", "demo", "runs", "list"], "does not answer"),
}
#: Those that the command line finds by itself, so that it sends no request.
WRONG_CALLS = [
    MISTAKES[name][0] for name in ("no such day", "no schedule", "not json", "not an object", "no such file")
]


@pytest.mark.slow
@pytest.mark.parametrize(("arguments", "words"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_gets_a_sentence_that_says_what_to_do(dev: RunningStack, arguments: list[str], words: str) -> None:
    output = dev.tock(*arguments, code=2 if arguments in WRONG_CALLS else 1)

    assert words in " ".join(output.split())
    assert "Traceback" not in output


def test_the_help_says_where_the_second_stands_and_what_day_fields_and_stars_mean(dev: RunningStack) -> None:
    help_text = " ".join(dev.tock("triggers", "create", "--help").replace("│", " ").split())

    assert "A sixth field, the last, is the second" in help_text
    assert "fires when one of them matches: '0 0 13 * 5'" in help_text
    assert "'*/2' must match too" in help_text
    assert "'0,15,30,45 2 * * *' fires once, right after the gap" in help_text
    assert "'*/15 2 * * *' does not fire on that day" in help_text


@pytest.mark.parametrize("arguments", [["runs", "show"], ["runs", "list", "--limit", "0"], ["triggers", "crate"]])
def test_a_wrong_call_is_a_usage_error_and_no_request(dev: RunningStack, arguments: list[str]) -> None:
    assert "Usage:" in dev.tock(*arguments, code=2)
