"""What the schedules of other programs become, what is told to be different, and what becomes none and why."""

from pathlib import Path
from typing import Any

import pytest

from tock.manifest.imports.found import Left
from tock.manifest.imports.imported import Imported, Source, imported


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def read(
    folder: Path, text: str, source: Source, *, name: str = "file", with_users: bool = False
) -> tuple[tuple[Imported, ...], tuple[Left, ...]]:
    file = folder / name
    file.write_text(text)
    return imported([file], source=source, agent="ops", time_zone="Europe/Berlin", with_users=with_users)


def only(folder: Path, text: str, source: Source, *, name: str = "file", with_users: bool = False) -> Imported:
    triggers, left = read(folder, text, source, name=name, with_users=with_users)
    assert left == ()
    [found] = triggers
    return found


def reason(folder: Path, text: str, source: Source, *, name: str = "file") -> str:
    triggers, left = read(folder, text, source, name=name)
    assert triggers == ()
    [found] = left
    return found.reason


def schedule(found: Imported) -> Any:
    return found.entry.fields["schedule"]


def test_a_line_of_a_crontab_keeps_its_times_its_command_and_how_cron_runs_it(folder: Path) -> None:
    found = only(folder, "# nightly\n30 2 * * 1-5 /usr/bin/backup --all\n", Source.CRONTAB)

    fields = found.entry.fields
    assert found.entry.id == "usr-bin-backup-all"
    assert found.entry.place.endswith("file:2")
    assert fields["schedule"] == {"cron": "30 2 * * 1-5", "time_zone": "Europe/Berlin"}
    assert fields["input"]["payload"] == {"command": "/usr/bin/backup --all"}
    assert (fields["agent"], fields["overlap"], fields["catch_up"]["mode"]) == ("ops", "parallel", "none")
    assert fields["retry"]["max_retries"] == 0


@pytest.mark.parametrize(
    ("line", "cron"),
    [
        ("@daily x", "0 0 * * *"),
        ("@midnight x", "0 0 * * *"),
        ("@hourly x", "0 * * * *"),
        ("@weekly x", "0 0 * * 0"),
        ("@monthly x", "0 0 1 * *"),
        ("@yearly x", "0 0 1 1 *"),
        ("0 0 13 * 5 x", "0 0 13 * 5"),
        ("0 0 * jan sun x", "0 0 * jan sun"),
        ("*/10\t*\t*\t*\t7\tx", "*/10 * * * 7"),
    ],
)
def test_what_cron_knows_tock_knows(folder: Path, line: str, cron: str) -> None:
    assert schedule(only(folder, line, Source.CRONTAB))["cron"] == cron


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("@reboot x", "@reboot has no time"),
        ("@fortnightly x", "@fortnightly is not known"),
        ("0 9 * * x", "has no command after 5 fields"),
        ("-0 9 * * * x", "a leading '-' only silences the log"),
        ("H 9 * * * x", "schedule.cron: "),
        ("0 61 * * * x", "schedule.cron: "),
        ("MAILTO=ops@example.com", "belong to the agent"),
        ("CRON_TZ=Mars/Olympus\n0 9 * * * x", "is not known: write an IANA name"),
    ],
)
def test_a_line_that_becomes_no_trigger_says_why(folder: Path, line: str, why: str) -> None:
    assert why in reason(folder, line, Source.CRONTAB)


def test_a_time_zone_of_a_crontab_holds_for_the_lines_after_it(folder: Path) -> None:
    text = "0 9 * * * a\nCRON_TZ=America/New_York\n0 9 * * * b\n"

    triggers, _ = read(folder, text, Source.CRONTAB)

    assert [schedule(each)["time_zone"] for each in triggers] == ["Europe/Berlin", "America/New_York"]


def test_percent_signs_of_a_crontab_are_the_commands_input(folder: Path) -> None:
    found = only(folder, r"0 9 * * * mail -s 10\% ada%Hello%you", Source.CRONTAB)

    assert found.entry.fields["input"]["payload"] == {"command": "mail -s 10% ada", "stdin": "Hello\nyou"}
    assert "what follows the first % is the command's input: it is the payload's stdin" in found.notes


def test_a_crontab_of_the_system_names_users(folder: Path) -> None:
    found = only(folder, "0 9 * * * root run-parts /etc/cron.daily", Source.CRONTAB, with_users=True)

    assert found.entry.fields["input"]["payload"] == {"command": "run-parts /etc/cron.daily", "user": "root"}


def test_the_same_file_gives_the_same_ids_wherever_its_lines_stand(folder: Path) -> None:
    one, _ = read(folder, "0 9 * * * a\n0 8 * * * b\n0 10 * * * a\n", Source.CRONTAB)
    other, _ = read(folder, "\n0 8 * * * b\n# a comment\n0 9 * * * a\n0 10 * * * a\n", Source.CRONTAB)

    assert sorted(each.entry.id for each in one) == sorted(each.entry.id for each in other) == ["a", "a-2", "b"]


CRON_JOB = """
apiVersion: v1
kind: ConfigMap
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, namespace: shop}
spec:
  schedule: "30 2 * * *"
  timeZone: America/New_York
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 120
  suspend: true
  successfulJobsHistoryLimit: 3
  jobTemplate:
    spec:
      backoffLimit: 2
      activeDeadlineSeconds: 600
      template:
        spec:
          containers:
            - name: main
              image: example/backup:1
              args: [--all]
              env: [{name: PASSWORD, value: hunter2}]
"""


def test_a_cron_job_keeps_its_policies(folder: Path) -> None:
    triggers, left = read(folder, CRON_JOB, Source.KUBERNETES)

    [found] = triggers
    fields = found.entry.fields
    assert [each.reason for each in left] == ["is no CronJob"]
    assert (found.entry.id, found.entry.place.rpartition(":")[2]) == ("shop.nightly", "5")
    assert fields["schedule"] == {"cron": "30 2 * * *", "time_zone": "America/New_York"}
    assert (fields["overlap"], fields["enabled"], fields["timeout"]) == ("skip", False, "PT10M")
    assert (fields["start_deadline"], fields["catch_up"]) == ("PT2M", {"mode": "latest", "window": "PT2M"})
    assert (fields["retry"]["max_retries"], fields["retry"]["delay"]) == (2, "PT10S")
    assert fields["input"]["payload"] == {"image": "example/backup:1", "args": ["--all"]}
    assert [note.partition(":")[0] for note in found.notes] == ["the history's limits are not kept", "env is not kept"]


@pytest.mark.parametrize(
    ("policy", "overlap"), [("", "parallel"), ("Allow", "parallel"), ("Forbid", "skip"), ("Replace", "replace")]
)
def test_the_concurrency_policy_is_the_overlap_policy(folder: Path, policy: str, overlap: str) -> None:
    text = f"kind: CronJob\nmetadata: {{name: a}}\nspec: {{schedule: '@daily', concurrencyPolicy: {policy or 'Allow'}}}"

    assert only(folder, text, Source.KUBERNETES).entry.fields["overlap"] == overlap


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("@every 90m", {"every": "PT1H30M", "anchor": "1970-01-01T00:00:00Z"}),
        ("0 9 ? * 1", {"cron": "0 9 * * 1", "time_zone": "Europe/Berlin"}),
        ("0 9 1 * 1", {"cron": "0 9 1 * 1", "time_zone": "Europe/Berlin"}),
        ("0 9 */2 * *", {"cron": "0 9 */2 * *", "time_zone": "Europe/Berlin"}),
    ],
)
def test_a_schedule_of_kubernetes(folder: Path, expression: str, expected: dict[str, str]) -> None:
    text = f"kind: CronJob\nmetadata: {{name: a}}\nspec: {{schedule: '{expression}'}}"

    assert schedule(only(folder, text, Source.KUBERNETES)) == expected


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("0 9 */2 * 1", "Kubernetes fires if either day matches"),
        ("CRON_TZ=UTC 0 9 * * *", "write spec.timeZone"),
    ],
)
def test_a_schedule_of_kubernetes_that_would_fire_at_other_times_is_left(
    folder: Path, expression: str, why: str
) -> None:
    text = f"kind: CronJob\nmetadata: {{name: a}}\nspec: {{schedule: '{expression}'}}"

    assert why in reason(folder, text, Source.KUBERNETES)


WORKFLOW = """
name: Nightly
on:
  push:
  schedule:
    - cron: '30 5 * * 1-5'
    - cron: '0 12 * * 6'
concurrency: {group: nightly, cancel-in-progress: true}
jobs:
  build: {runs-on: ubuntu-latest, timeout-minutes: 10, steps: []}
"""


def test_the_schedules_of_a_workflow_are_in_utc(folder: Path) -> None:
    triggers, left = read(folder, WORKFLOW, Source.GITHUB, name="nightly.yml")

    assert [(each.entry.id, schedule(each)) for each in triggers] == [
        ("nightly", {"cron": "30 5 * * 1-5", "time_zone": "UTC"}),
        ("nightly-2", {"cron": "0 12 * * 6", "time_zone": "UTC"}),
    ]
    fields = triggers[0].entry.fields
    assert (fields["overlap"], fields["timeout"]) == ("replace", "PT10M")
    assert fields["input"]["payload"] == {"workflow": "nightly.yml"}
    assert [(each.text, each.reason) for each in left] == [("on.push", "is an event without a time")]


def test_a_workflow_without_a_schedule_is_left(folder: Path) -> None:
    assert "has no on.schedule" in reason(folder, "on: push\njobs: {}", Source.GITHUB)


def timer(*lines: str) -> str:
    return "\n".join(["[Unit]", "Description=x", "[Timer]", *lines, "[Install]", "WantedBy=timers.target"])


@pytest.mark.parametrize(
    ("event", "cron"),
    [
        ("daily", "0 0 * * *"),
        ("hourly", "0 * * * *"),
        ("minutely", "* * * * *"),
        ("weekly", "0 0 * * 1"),
        ("monthly", "0 0 1 * *"),
        ("quarterly", "0 0 1 1,4,7,10 *"),
        ("semiannually", "0 0 1 1,7 *"),
        ("yearly", "0 0 1 1 *"),
        ("*-*-* 02:30:00", "30 2 * * *"),
        ("02:30", "30 2 * * *"),
        ("Mon..Fri 09:00", "0 9 * * 1-5"),
        ("Sat,Sun *-*-* 10:00:30", "0 10 * * 6,7 30"),
        ("*:0/15", "*/15 * * * *"),
        ("*-*-* 0/4:00", "0 */4 * * *"),
        ("*-*-* 1/4:00", "0 1-23/4 * * *"),
        ("*-*-1,15 08..17/3:05:10", "5 8-17/3 1,15 * * 10"),
        ("*:*:0/20", "* * * * * */20"),
        ("*-12-24 18:00", "0 18 24 12 *"),
    ],
)
def test_a_calendar_event_of_systemd(folder: Path, event: str, cron: str) -> None:
    found = only(folder, timer(f"OnCalendar={event}"), Source.SYSTEMD, name="backup.timer")

    assert schedule(found) == {"cron": cron, "time_zone": "Europe/Berlin"}
    assert (found.entry.id, found.entry.fields["input"]["payload"]) == ("backup", {"unit": "backup.service"})


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("OnCalendar=2027-01-01 09:00", "names a year"),
        ("OnCalendar=Mon *-*-1..7 09:00", "needs both the day of the month and the day of the week"),
        ("OnCalendar=*-02~1 09:00", "counts days from the end of the month"),
        ("OnCalendar=Moon 09:00", "which is not known"),
        ("OnCalendar=*-*-* 09:00:00.5", "has the second '00.5'"),
        ("OnCalendar=sometimes", "which is not known"),
        ("OnBootSec=5min", "there is no machine"),
        ("OnUnitActiveSec=15min", "write an interval"),
    ],
)
def test_a_timer_that_becomes_no_trigger_says_why(folder: Path, line: str, why: str) -> None:
    assert why in reason(folder, timer(line), Source.SYSTEMD)


def test_a_persistent_timer_makes_up_for_the_last_time_it_missed(folder: Path) -> None:
    text = timer("OnCalendar=daily Asia/Tokyo", "Persistent=true", "RandomizedDelaySec=1h", "Unit=other.service")

    found = only(folder, text, Source.SYSTEMD)

    assert found.entry.fields["catch_up"] == {"mode": "latest", "window": "P7D"}
    assert schedule(found)["time_zone"] == "Asia/Tokyo"
    assert "RandomizedDelaySec is not kept: it starts at its second" in found.notes
    assert found.entry.fields["input"]["payload"] == {"unit": "other.service"}


def test_an_empty_calendar_event_clears_those_before_it(folder: Path) -> None:
    found = only(folder, timer("OnCalendar=daily", "OnCalendar=", "OnCalendar=hourly"), Source.SYSTEMD)

    assert schedule(found)["cron"] == "0 * * * *"


@pytest.mark.parametrize("source", [Source.KUBERNETES, Source.GITHUB])
def test_a_file_that_cannot_be_read_is_left_with_its_line(folder: Path, source: Source) -> None:
    triggers, [left] = read(folder, "a: 1\nb: [", source)

    assert triggers == ()
    assert "is not YAML" in left.reason


def test_a_file_that_is_not_there_is_left(folder: Path) -> None:
    missing = folder / "missing"

    _, [left] = imported([missing], source=Source.CRONTAB, agent="ops", time_zone="UTC", with_users=False)

    assert (left.place, left.reason) == (str(missing), "cannot be read: No such file or directory")
