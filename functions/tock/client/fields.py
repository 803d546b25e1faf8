"""The fields that people write of agents, triggers and projects, as keyword arguments.

They are those of the API's `AgentSpec`, `TriggerSpec` and `ProjectSpec`; tests/client/test_completeness.py compares
them. In a change, a field that is left out stays as it is, and None clears a field that may be empty.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Required, TypedDict

from tock.core.agent.evidence import Evidence
from tock.core.policies import CatchUp, Overlap, Retry, SessionMode
from tock.core.schedule.schedule import CronSchedule, IntervalSchedule, OnceSchedule
from tock.core.trigger.trigger import Input
from tock.web.resources.runs.run_request import RunInput

#: A JSON object, such as a payload or a configuration.
Object = Mapping[str, Any]
#: A length of time: `timedelta(minutes=5)`, `"5m"` or `"PT5M"`.
GivenDuration = timedelta | str
#: A point in time: an aware datetime, or RFC 3339 text such as `"2027-01-01T09:00:00+01:00"`.
GivenInstant = datetime | str
#: `CronSchedule(cron="0 9 * * 1-5", time_zone="Europe/Berlin")` or its members: `{"cron": "0 9 * * 1-5"}`.
GivenSchedule = CronSchedule | IntervalSchedule | OnceSchedule | Object
#: `{"team": "shop"}`.
Labels = Mapping[str, str]
#: What replaces a trigger's input in one run: `{"message": "…", "payload": {…}, "model": "…", "ref": "…"}`.
GivenRunInput = RunInput | Object
GivenRetry = Retry | Object


class ProjectFields(TypedDict, total=False):
    """The fields of a project; in a change, those that change."""

    name: str | None
    description: str
    concurrency: int | None


class _AgentFields(TypedDict, total=False):
    name: str | None
    description: str
    config: Object
    enabled: bool
    concurrency: int | None
    evidence: Evidence | Object | None
    progress_every: GivenDuration | None
    labels: Labels


class AgentFields(_AgentFields):
    """The fields of an agent."""

    kind: Required[str]


class AgentChanges(_AgentFields, total=False):
    """The fields of an agent that change; `config` merges member by member, unless the kind changes."""

    kind: str


class _TriggerFields(TypedDict, total=False):
    name: str | None
    description: str
    input: Input | Object
    overlap: Overlap | str
    queue_depth: int
    max_parallel: int | None
    session: SessionMode | str
    catch_up: CatchUp | Object
    start_deadline: GivenDuration | None
    retry: GivenRetry
    timeout: GivenDuration
    evidence: Evidence | Object | None
    progress_every: GivenDuration | None
    start: GivenInstant | None
    end: GivenInstant | None
    enabled: bool
    labels: Labels


class TriggerFields(_TriggerFields):
    """The fields of a trigger."""

    agent: Required[str]
    schedule: Required[GivenSchedule]


class TriggerChanges(_TriggerFields, total=False):
    """The fields of a trigger that change; `input`, `retry`, `catch_up` and `schedule` merge member by member."""

    agent: str
    schedule: GivenSchedule


class SentEventFields(TypedDict, total=False):
    """An event that an agent elsewhere sends."""

    kind: str
    data: Any
