"""Looks through gcloud at what only Google's APIs know of a deployment: the job, queues, indexes and permissions."""

import json
import subprocess
from dataclasses import dataclass
from typing import Any

from tock.deploy.gcloud import Gcloud
from tock.deploy.terraform_variables import Installation

_TIMEOUT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of one thing: its name, its state (a word of Google's), and what is wrong, or None."""

    subject: str
    text: str
    problem: str | None = None
    remedy: str = ""


class CannotInspect(Exception):
    """gcloud cannot say; the message is why."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """The read-only look at one deployment."""

    gcloud: Gcloud
    installation: Installation

    def urls(self) -> tuple[str, ...]:
        """Return the URLs at which the function api answers: Cloud Run gives each service two. Raises CannotInspect."""
        name, region = f"{self.installation.name}-api", self.installation.region
        service = self._read("run", "services", "describe", name, f"--region={region}")
        try:
            annotated = json.loads(service["metadata"]["annotations"]["run.googleapis.com/urls"])
        except (ValueError, LookupError, TypeError):
            annotated = []
        first = service.get("status", {}).get("url")
        urls = tuple(dict.fromkeys(url.rstrip("/") for url in (first, *annotated) if url and isinstance(url, str)))
        if not urls:
            raise CannotInspect(f"Cloud Run does not say where {name} answers")
        return urls

    def scheduler(self) -> Found:
        """Return whether the Cloud Scheduler job of each region that ticks is enabled. Raises CannotInspect."""
        jobs = self.installation.tick_jobs
        states = {
            job: self._read("scheduler", "jobs", "describe", job, f"--location={region}").get("state", "unknown")
            for job, region in jobs.items()
        }
        stopped = next((job for job, state in states.items() if state != "ENABLED"), None)
        if stopped is None:
            return Found("scheduler", ", ".join(f"the job {job} is {state}" for job, state in states.items()))
        ticking = [job for job, state in states.items() if state == "ENABLED"]
        left = f"only {ticking[0]} ticks" if ticking else "no trigger fires"
        resume = (
            f"gcloud scheduler jobs resume {stopped} --location={jobs[stopped]} --project={self.installation.project}"
        )
        problem = f"the Cloud Scheduler job {stopped} is {states[stopped]}: {left}"
        return Found("scheduler", "", problem, resume)

    def queues(self) -> Found:
        """Return whether the queues of the deployment run. Raises CannotInspect."""
        name, region = self.installation.name, self.installation.region
        listed = self._read("tasks", "queues", "list", f"--location={region}")
        states = {each["name"].rpartition("/")[2]: each.get("state", "unknown") for each in listed}
        own = {queue: state for queue, state in states.items() if queue.startswith(f"{name}-")}
        if not any(queue.startswith(f"{name}-runs-") for queue in own):
            return Found("queues", "", f"there is no queue {name}-runs-0", "Deploy again: tock deploy")
        stopped = {queue: state for queue, state in own.items() if state != "RUNNING"}
        first = next(iter(stopped), "")
        resume = f"gcloud tasks queues resume {first} --location={region} --project={self.installation.project}"
        named = ", ".join(f"{queue} is {state}" for queue, state in stopped.items())
        return Found("queues", f"{len(own)} are RUNNING", named or None, resume)

    def indexes(self) -> Found:
        """Return whether all composite indexes of the database are built. Raises CannotInspect."""
        listed = self._read("firestore", "indexes", "composite", "list", f"--database={self.installation.database}")
        if not listed:
            return Found("indexes", "", "the database has no composite index", "Deploy again: tock deploy")
        unready = [each for each in listed if each.get("state") != "READY"]
        problem = f"{len(unready)} of {len(listed)} are not READY: queries that need them fail" if unready else None
        return Found("indexes", f"{len(listed)} are READY", problem, "Wait until they are built; then deploy again.")

    def permissions(self) -> Found:
        """Return whether somebody may invoke tick and run. Raises CannotInspect."""
        name, region = self.installation.name, self.installation.region
        closed = []
        for function in ("tick", "run"):
            policy = self._read("run", "services", "get-iam-policy", f"{name}-{function}", f"--region={region}")
            invokers = [
                member
                for binding in policy.get("bindings", ())
                if binding.get("role") == "roles/run.invoker"
                for member in binding.get("members", ())
            ]
            if not any(member.startswith("serviceAccount:") for member in invokers):
                closed.append(function)
        problem = f"no service account may invoke {' and '.join(closed)}" if closed else None
        return Found("permissions", "a service account may invoke tick and run", problem, "Deploy again: tock deploy")

    def _read(self, *words: str) -> Any:
        try:
            answer = self.gcloud.call(
                *words, f"--project={self.installation.project}", "--format=json", timeout=_TIMEOUT_SECONDS
            )
        except subprocess.TimeoutExpired as exc:
            raise CannotInspect(f"gcloud did not answer within {_TIMEOUT_SECONDS} s") from exc
        if answer.returncode:
            lines = answer.stderr.strip().splitlines() or [f"gcloud exited with {answer.returncode}"]
            raise CannotInspect(lines[0][:200])
        try:
            return json.loads(answer.stdout)
        except ValueError as exc:
            raise CannotInspect("gcloud printed no JSON") from exc
