"""The fields of agents, triggers and projects, and of requests to run one, as options."""

from tock.cli.input.fields import Field, Kind
from tock.core.policies import CatchUpMode, Overlap, SessionMode

_SCHEDULE, _INPUT, _POLICIES = "Schedule", "Input", "Policies"

_EVIDENCE = Field(
    "evidence",
    "--evidence",
    "What a run must show to succeed: output_schema, events and min_tokens, such as min_tokens=1000.",
    Kind.OBJECT,
    default="nothing",
    panel=_POLICIES,
)
_PROGRESS = Field(
    "progress_every",
    "--progress-every",
    "Stop an attempt that shows no event, usage, checkpoint or output for so long: 5s to 29m.",
    Kind.LENGTH,
    default="never",
    panel=_POLICIES,
)
_LABELS = Field("labels", "--label", "A label, such as team=shop; may be given several times.", Kind.PAIRS)
_NAME = Field("name", "--name", "The title.")
_RETRIES = Field(
    "retry.max_retries",
    "--max-retries",
    "How many attempts may follow failed ones: 0 to 10.",
    Kind.NUMBER,
    default="2",
    panel=_POLICIES,
)
_DELAY = Field(
    "retry.delay",
    "--retry-delay",
    "The wait before the first retry: 1s to 1h.",
    Kind.LENGTH,
    default="60s",
    panel=_POLICIES,
)
_GIVE_UP = Field(
    "retry.give_up_at_next",
    "--give-up-at-next/--keep-retrying",
    "Whether a run that waits for its retry ends when the next occurrence starts.",
    Kind.SWITCH,
    default="it goes on",
    panel=_POLICIES,
)

AGENT = (
    Field("kind", "--kind", "The agent's kind: python, http, command, a2a or llm.", required=True),
    Field(
        "config",
        "--config",
        "The configuration of its kind, such as callable=module:function or url=https://….",
        Kind.OBJECT,
        default="{}",
    ),
    _NAME,
    Field("description", "--description", "What the agent does.", default="empty"),
    Field("enabled", "--enabled/--disabled", "Whether its runs start.", Kind.SWITCH, default="enabled"),
    Field(
        "concurrency",
        "--concurrency",
        "How many of its runs may work at once: 1 to 100.",
        Kind.NUMBER,
        default="any number",
    ),
    _LABELS,
    _EVIDENCE,
    _PROGRESS,
)

SCHEDULE = (
    Field(
        "schedule.cron",
        "--cron",
        "Fire by this cron expression: minute, hour, day of month, month and day of week, such as '0 9 * * 1-5'. "
        "A sixth field, the last, is the second: '* * * * * */10'.",
        panel=_SCHEDULE,
    ),
    Field(
        "schedule.time_zone",
        "--time-zone",
        "With --cron: its IANA time zone, such as Europe/Berlin.",
        default="UTC",
        panel=_SCHEDULE,
    ),
    Field("schedule.every", "--every", "Fire at this interval: 10s, 15m, 2h or PT15M.", Kind.LENGTH, panel=_SCHEDULE),
    Field(
        "schedule.anchor",
        "--anchor",
        "With --every: a time from which the intervals are counted.",
        Kind.TIME,
        default="1970-01-01T00:00:00Z",
        panel=_SCHEDULE,
    ),
    Field(
        "schedule.at",
        "--at",
        "Fire once, at this time: 2027-01-01T09:00:00+01:00, 'tomorrow 9:00' or 'in 2h'.",
        Kind.TIME,
        panel=_SCHEDULE,
    ),
)

TRIGGER = (
    Field("agent", "--agent", "The agent that runs.", required=True),
    *SCHEDULE,
    Field("start", "--start", "No fire time is before this time.", Kind.TIME, panel=_SCHEDULE),
    Field("end", "--end", "No fire time is at or after this time.", Kind.TIME, panel=_SCHEDULE),
    Field(
        "input.message",
        "--message",
        "The runs' message; {{payload.x}} is replaced from the payload, {{scheduled_for}} and "
        "{{scheduled_for_local}} by the fire time.",
        panel=_INPUT,
    ),
    Field("input.payload", "--payload", "The runs' payload, such as repo=acme/shop.", Kind.OBJECT, "{}", panel=_INPUT),
    Field("input.model", "--model", "The runs' model name.", panel=_INPUT),
    Field("input.ref", "--ref", "The branch, tag or other version that runs work on.", panel=_INPUT),
    Field(
        "overlap",
        "--overlap",
        "What happens to a fire time that comes while an earlier run is active.",
        Overlap,
        default="skip",
        panel=_POLICIES,
    ),
    Field(
        "queue_depth",
        "--queue-depth",
        "How many runs the overlap policy queue holds: 1 to 10.",
        Kind.NUMBER,
        default="1",
        panel=_POLICIES,
    ),
    Field(
        "max_parallel",
        "--max-parallel",
        "How many runs the overlap policy parallel lets work at once: 1 to 50.",
        Kind.NUMBER,
        default="any number",
        panel=_POLICIES,
    ),
    Field(
        "session",
        "--session",
        "new: each fire time begins a conversation; continue: it goes on with the one before.",
        SessionMode,
        default="new",
        panel=_POLICIES,
    ),
    Field(
        "catch_up.mode",
        "--catch-up",
        "Which fire times run that no tick claimed in time: the latest, all or none.",
        CatchUpMode,
        default="latest",
        panel=_POLICIES,
    ),
    Field(
        "catch_up.window",
        "--catch-up-window",
        "How late such a fire time may be: 1m to 7d.",
        Kind.LENGTH,
        default="1h",
        panel=_POLICIES,
    ),
    Field(
        "start_deadline",
        "--start-deadline",
        "How long after its fire time a run may start: 1s to 7d.",
        Kind.LENGTH,
        default="as the catch-up policy says",
        panel=_POLICIES,
    ),
    _RETRIES,
    _DELAY,
    _GIVE_UP,
    Field(
        "timeout",
        "--attempt-timeout",
        "The timeout of one attempt: 1s to 29m.",
        Kind.LENGTH,
        default="5m",
        panel=_POLICIES,
    ),
    _EVIDENCE,
    _PROGRESS,
    _NAME,
    Field("description", "--description", "What the trigger is for.", default="empty"),
    Field("enabled", "--enabled/--disabled", "Whether it fires.", Kind.SWITCH, default="enabled"),
    _LABELS,
)

PROJECT = (
    _NAME,
    Field("description", "--description", "What the project is for.", default="empty"),
    Field(
        "concurrency",
        "--concurrency",
        "How many runs of all its agents may work at once: 1 to 100.",
        Kind.NUMBER,
        default="any number",
    ),
)

RUN = (
    Field(
        "input.message",
        "--message",
        "The run's message; {{payload.x}} is replaced from the payload.",
        default="the trigger's, if any",
        panel=_INPUT,
    ),
    Field(
        "input.payload",
        "--payload",
        "The run's payload, such as repo=acme/shop; it replaces a trigger's as a whole.",
        Kind.OBJECT,
        default="the trigger's, or {}",
        panel=_INPUT,
    ),
    Field("input.model", "--model", "The model name.", default="the trigger's, if any", panel=_INPUT),
    Field(
        "input.ref",
        "--ref",
        "The branch, tag or other version to work on.",
        default="the trigger's, if any",
        panel=_INPUT,
    ),
    Field("subject", "--subject", "The run's subject: refused while another run of this subject is active."),
    _RETRIES,
    _DELAY,
    _GIVE_UP,
    Field(
        "timeout",
        "--attempt-timeout",
        "The timeout of one attempt: 1s to 29m.",
        Kind.LENGTH,
        default="the trigger's, or 5m",
        panel=_POLICIES,
    ),
)
