"""What metrics count is what the code logs, what alerts watch are metrics, and each alert leads to a page."""

import json
import re
from collections.abc import Iterator

import pytest

from infra.configuration import INFRA
from infra.evaluation import Evaluation
from infra.log_events import events
from tock.core.run.status import RunStatus

#: What must be watched.
ALERTS = {
    "tock: no successful tick in 5 minutes",
    "tock: health is late or silent",
    "tock: ticks fail",
    "tock: triggers are claimed late",
    "tock: fire times are missed",
    "tock: tasks cannot be created",
    "tock: runs are rescued",
    "tock: a trigger was disabled",
    "tock: requests break",
    "tock: many runs fail",
    "tock: tasks pile up",
}
#: Google's own metrics that alerts and charts use.
GOOGLES = {
    "cloudtasks.googleapis.com/queue/depth",
    "monitoring.googleapis.com/uptime_check/check_passed",
    "run.googleapis.com/container/instance_count",
}
_USERS = "logging.googleapis.com/user/"


def test_the_events_are_found_in_the_source() -> None:
    fields = events()

    assert {"tick_finished", "run_settled", "trigger_disabled"} <= fields.keys()
    assert {"tick", "claimed", "message", "severity"} <= fields["tick_finished"]
    assert {"run", "outcome", "message", "severity"} <= fields["run_settled"]


def test_every_event_that_a_metric_counts_is_logged_with_the_fields_it_asks_for(evaluated: Evaluation) -> None:
    unknown = []
    for address, metric in evaluated.instances("google_logging_metric").items():
        asked = set(re.findall(r"jsonPayload\.(\w+)", json.dumps(metric)))
        counted = _events(metric["filter"])
        unknown += [(address, event, asked - events().get(event, frozenset())) for event in counted]
        assert counted, address

    assert [(address, event, fields) for address, event, fields in unknown if fields] == []


def test_only_the_minutes_tick_that_got_something_done_counts_as_successful(evaluated: Evaluation) -> None:
    """A tick that nothing of came into the queue has failed, as /v1/health says."""
    ticks = evaluated.resources["google_logging_metric.counter[ticks]"]["filter"]

    assert 'jsonPayload.tick="minute"' in ticks
    assert "(jsonPayload.refused=0 OR jsonPayload.enqueued>0)" in ticks


def test_every_label_is_extracted(evaluated: Evaluation) -> None:
    for metric in evaluated.instances("google_logging_metric").values():
        labels = {label["key"] for label in metric["metric_descriptor"][0].get("labels", [])}

        assert set(metric.get("label_extractors", {})) == labels


def test_everything_that_must_be_watched_is(evaluated: Evaluation) -> None:
    policies = evaluated.instances("google_monitoring_alert_policy").values()

    assert {policy["display_name"] for policy in policies} == ALERTS
    assert {tuple(policy["notification_channels"]) for policy in policies} == {
        ("google_monitoring_notification_channel.email[oncall@example.com].id",)
    }


def test_alerts_and_charts_look_at_metrics_that_exist(evaluated: Evaluation) -> None:
    made = {f"{_USERS}{metric['name']}" for metric in evaluated.instances("google_logging_metric").values()}

    looked_at = {found for text in _filters(evaluated) for found in re.findall(r'metric\.type="([^"]+)"', text)}

    assert looked_at == made | GOOGLES


def test_what_counts_as_a_failed_run_is_a_status(evaluated: Evaluation) -> None:
    condition = evaluated.resources["google_monitoring_alert_policy.failures"]["conditions"][0]
    [statuses] = re.findall(r'full_match\("([^"]+)"\)', condition["condition_threshold"][0]["filter"])

    assert set(statuses.split("|")) == {RunStatus.FAILED.value, RunStatus.TIMED_OUT.value}


def test_no_successful_tick_for_five_minutes_is_an_alert(evaluated: Evaluation) -> None:
    [condition] = evaluated.resources["google_monitoring_alert_policy.no_tick"]["conditions"]
    [absent] = condition["condition_absent"]

    assert absent["duration"] == "300s"
    assert f'metric.type="{_USERS}tock/ticks"' in absent["filter"]


def test_an_installation_that_never_ticked_is_an_alert_too(evaluated: Evaluation) -> None:
    [check] = evaluated.instances("google_monitoring_uptime_check_config").values()

    assert check["http_check"][0]["path"] == "/v1/health"
    assert check["monitored_resource"][0]["labels"]["host"] in evaluated.outputs["url"]


def test_an_alert_on_what_is_counted_ends_when_nothing_happens_any_more(evaluated: Evaluation) -> None:
    """Where nothing is counted there is no data, and without data an incident stays open for seven days."""
    counted = [policy for address, policy in evaluated.resources.items() if ".counted[" in address]

    assert counted
    assert [policy["alert_strategy"] for policy in counted] == [[{"auto_close": "1800s"}]] * len(counted)


def test_every_window_is_a_whole_number_of_minutes(evaluated: Evaluation) -> None:
    """Cloud Monitoring, AlertPolicy: durations are multiples of a minute, a period is a minute at least."""
    lengths = [
        int(length)
        for policy in evaluated.instances("google_monitoring_alert_policy").values()
        for length in re.findall(r'"(?:duration|alignment_period)": "(\d+)s"', json.dumps(policy))
    ]

    assert [length for length in lengths if length % 60] == []


@pytest.mark.parametrize("budget", [0.5, 0.9, 1])
def test_the_budget_tells_before_it_is_spent(evaluated: Evaluation, budget: float) -> None:
    month = evaluated.resources["google_billing_budget.month[0]"]

    assert {"threshold_percent": budget} in month["threshold_rules"]
    assert month["budget_filter"][0]["projects"] == ["projects/123456789012"]


def test_every_alert_names_a_section_of_the_runbook(evaluated: Evaluation) -> None:
    headings = set(re.findall(r"^#{2,4} (.+)$", (INFRA / "README.md").read_text(), re.MULTILINE))

    named = {
        section
        for policy in evaluated.instances("google_monitoring_alert_policy").values()
        for section in re.findall(r'infra/README\.md, "([^"]+)"', policy["documentation"][0]["content"])
    }

    assert len(named) == len(ALERTS)
    assert named - headings == set(), "infra/README.md says nothing of these alerts"


def _events(filtered: str) -> set[str]:
    [named] = re.findall(r'jsonPayload\.message=(\("[^)]*\)|"[^"]*")', filtered)
    return set(re.findall(r'"([^"]*)"', named))


def _filters(evaluated: Evaluation) -> Iterator[str]:
    for policy in evaluated.instances("google_monitoring_alert_policy").values():
        for condition in policy["conditions"]:
            for kind in ("condition_threshold", "condition_absent"):
                yield from (each["filter"] for each in condition.get(kind, []))
    dashboard = json.loads(evaluated.resources["google_monitoring_dashboard.this"]["dashboard_json"])
    for tile in dashboard["mosaicLayout"]["tiles"]:
        for data in tile["widget"]["xyChart"]["dataSets"]:
            yield data["timeSeriesQuery"]["timeSeriesFilter"]["filter"]
