"""What gcloud says of a deployment: each thing in order, wrong, and not to be seen."""

import json
from pathlib import Path
from typing import Any

import pytest

from deploy.fake_gcloud import IN_ORDER, a_gcloud
from tock.deploy.gcloud import Gcloud
from tock.deploy.inspection import CannotInspect, Found, Inspection
from tock.deploy.terraform_variables import Installation

LOOKS = ("scheduler", "queues", "indexes", "permissions")


def inspection(folder: Path, answers: dict[str, Any], **variables: str) -> Inspection:
    installation = Installation(project="x", region="r", name="tock", **variables)
    return Inspection(Gcloud(str(a_gcloud(folder, answers))), installation)


def test_a_deployment_in_order_has_no_problem(tmp_path: Path) -> None:
    look = inspection(tmp_path, IN_ORDER)

    found = [getattr(look, subject)() for subject in LOOKS]

    assert [(each.subject, each.problem) for each in found] == [(subject, None) for subject in LOOKS]
    calls = [json.loads(line) for line in (tmp_path / "calls.jsonl").read_text().splitlines()]
    assert all("--project=x" in words and "--format=json" in words for words in calls)
    assert "--database=tock-data" in calls[2]


@pytest.mark.parametrize(
    ("subject", "command", "answer", "problem", "remedy"),
    [
        (
            "scheduler",
            "scheduler jobs describe tock-tick",
            {"state": "PAUSED"},
            "the Cloud Scheduler job tock-tick is PAUSED: no trigger fires",
            "gcloud scheduler jobs resume tock-tick --location=r --project=x",
        ),
        (
            "queues",
            "tasks queues list",
            [{"name": "a/tock-runs-0", "state": "PAUSED"}],
            "tock-runs-0 is PAUSED",
            "gcloud tasks queues resume tock-runs-0 --location=r --project=x",
        ),
        ("queues", "tasks queues list", [], "there is no queue tock-runs-0", "Deploy again: tock deploy"),
        (
            "indexes",
            "firestore indexes composite list",
            [{"state": "READY"}, {"state": "CREATING"}],
            "1 of 2 are not READY: queries that need them fail",
            "Wait until they are built; then deploy again.",
        ),
        (
            "indexes",
            "firestore indexes composite list",
            [],
            "the database has no composite index",
            "Deploy again: tock deploy",
        ),
        (
            "permissions",
            "run services get-iam-policy tock-run",
            {},
            "no service account may invoke run",
            "Deploy again: tock deploy",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_remedy(  # noqa: PLR0917 - a table
    tmp_path: Path, subject: str, command: str, answer: Any, problem: str, remedy: str
) -> None:
    found: Found = getattr(inspection(tmp_path, IN_ORDER | {command: answer}), subject)()

    assert (found.problem, found.remedy) == (problem, remedy)


@pytest.mark.parametrize(
    ("first", "second", "problem", "remedy"),
    [
        ("ENABLED", "ENABLED", None, ""),
        (
            "ENABLED",
            "PAUSED",
            "the Cloud Scheduler job tock-second-tick is PAUSED: only tock-tick ticks",
            "gcloud scheduler jobs resume tock-second-tick --location=s --project=x",
        ),
        (
            "PAUSED",
            "ENABLED",
            "the Cloud Scheduler job tock-tick is PAUSED: only tock-second-tick ticks",
            "gcloud scheduler jobs resume tock-tick --location=r --project=x",
        ),
        (
            "PAUSED",
            "PAUSED",
            "the Cloud Scheduler job tock-tick is PAUSED: no trigger fires",
            "gcloud scheduler jobs resume tock-tick --location=r --project=x",
        ),
    ],
)
def test_the_job_of_a_second_region_is_looked_at_too(
    tmp_path: Path, first: str, second: str, problem: str | None, remedy: str
) -> None:
    jobs = {
        f"scheduler jobs describe {job}": {"state": state}
        for job, state in (("tock-tick", first), ("tock-second-tick", second))
    }

    found = inspection(tmp_path, jobs, second_region="s").scheduler()

    assert (found.problem, found.remedy) == (problem, remedy)
    calls = [json.loads(line) for line in (tmp_path / "calls.jsonl").read_text().splitlines()]
    assert ["--location=s" in words for words in calls] == [False, True]


def test_the_indexes_are_those_of_the_database_in_use(tmp_path: Path) -> None:
    inspection(tmp_path, IN_ORDER, restored_database="tock-restored").indexes()

    assert "--database=tock-restored" in (tmp_path / "calls.jsonl").read_text()


def test_a_deployment_answers_at_each_url_of_its_service(tmp_path: Path) -> None:
    described = {"status": {"url": "https://a.run.app"}, "metadata": {"annotations": {"run.googleapis.com/urls": "?"}}}

    assert inspection(tmp_path, IN_ORDER).urls() == ("https://tock-api-x.a.run.app", "https://tock-api-7.r.run.app")
    assert inspection(tmp_path, {"run services describe tock-api": described}).urls() == ("https://a.run.app",)
    with pytest.raises(CannotInspect, match="does not say where tock-api answers"):
        inspection(tmp_path, {"run services describe tock-api": {}}).urls()


@pytest.mark.parametrize("subject", LOOKS)
def test_what_gcloud_may_not_see_is_not_checked(tmp_path: Path, subject: str) -> None:
    with pytest.raises(CannotInspect, match="ERROR: you may not see"):
        getattr(inspection(tmp_path, {}), subject)()


def test_an_answer_that_is_no_json_is_none(tmp_path: Path) -> None:
    with pytest.raises(CannotInspect, match="printed no JSON"):
        inspection(tmp_path, {"tasks queues list": "not JSON"}).queues()
