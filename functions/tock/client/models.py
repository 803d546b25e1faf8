"""The models of what the client takes and returns, all in one place: they are the API's own."""

from tock.app.start.retry import ConfigChoice
from tock.app.start.send_events import SentEvent
from tock.client.server_sent import UnreadableEvents
from tock.core.agent.evidence import Evidence
from tock.core.policies import CatchUp, CatchUpMode, Overlap, Retry, SessionMode
from tock.core.proof.why import Verdict
from tock.core.run.events.event import Event
from tock.core.run.order import RunOrder
from tock.core.run.status import AttemptStatus, RunSource, RunStatus
from tock.core.schedule.schedule import CronSchedule, IntervalSchedule, OnceSchedule
from tock.core.trigger.cancel_choice import CancelChoice
from tock.core.trigger.trigger import Input
from tock.core.trigger.upcoming import UpcomingStatus
from tock.core.trigger.version import VersionEvent
from tock.core.usage.sums import Grouping
from tock.web.problem_document import FieldProblem, Problem
from tock.web.resources.agent import AgentPage, AgentResource
from tock.web.resources.health import Health
from tock.web.resources.page import UnreadableShape
from tock.web.resources.projects.api_key import KeyPage, KeyResource, NewKeyResource
from tock.web.resources.projects.diagnosis import DiagnosisResource, RepairResource
from tock.web.resources.projects.project import ProjectPage, ProjectResource
from tock.web.resources.projects.upcoming import UpcomingResource
from tock.web.resources.projects.usage import UsageResource
from tock.web.resources.runs.event_page import EventPage
from tock.web.resources.runs.received import Received
from tock.web.resources.runs.run import CancelledRun, RunPage, RunResource
from tock.web.resources.runs.run_request import RunInput
from tock.web.resources.runs.signal import SignalResource
from tock.web.resources.triggers.preview import Preview
from tock.web.resources.triggers.proof import ProofResource
from tock.web.resources.triggers.revision import RevisionPage, RevisionResource
from tock.web.resources.triggers.trigger import TriggerPage, TriggerResource
from tock.web.resources.triggers.why import WhyResource

__all__ = [
    "AgentPage",
    "AgentResource",
    "AttemptStatus",
    "CancelChoice",
    "CancelledRun",
    "CatchUp",
    "CatchUpMode",
    "ConfigChoice",
    "CronSchedule",
    "DiagnosisResource",
    "Event",
    "EventPage",
    "Evidence",
    "FieldProblem",
    "Grouping",
    "Health",
    "Input",
    "IntervalSchedule",
    "KeyPage",
    "KeyResource",
    "NewKeyResource",
    "OnceSchedule",
    "Overlap",
    "Preview",
    "Problem",
    "ProjectPage",
    "ProjectResource",
    "ProofResource",
    "Received",
    "RepairResource",
    "Retry",
    "RevisionPage",
    "RevisionResource",
    "RunInput",
    "RunOrder",
    "RunPage",
    "RunResource",
    "RunSource",
    "RunStatus",
    "SentEvent",
    "SessionMode",
    "SignalResource",
    "TriggerPage",
    "TriggerResource",
    "UnreadableEvents",
    "UnreadableShape",
    "UpcomingResource",
    "UpcomingStatus",
    "UsageResource",
    "Verdict",
    "VersionEvent",
    "WhyResource",
]
