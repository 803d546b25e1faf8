"""The table of bad requests: each with its status, the refused field and a part of the message."""

from dataclasses import dataclass, field
from typing import Any

from web.rig import DAILY

PROJECT = "/v1/projects/acme"
TRIGGERS = f"{PROJECT}/triggers"
MORNING = f"{TRIGGERS}/morning"
UPCOMING = "/v1/projects/acme/upcoming"
AGENTS = f"{PROJECT}/agents"
RUNS = f"{PROJECT}/runs"
PREVIEW = f"{TRIGGERS}:preview"
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Bad:
    """A request, and what is refused about it: the field, when there is one, and a piece of the text."""

    method: str
    path: str
    body: Any = None
    content: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 400
    at: str | None = None
    says: str = ""
    edge: str = "api"


def trigger(at: str, says: str, **fields: Any) -> Bad:
    body = {"agent": "digest", "schedule": DAILY} | fields
    return Bad("POST", TRIGGERS, {key: value for key, value in body.items() if value is not ...}, at=at, says=says)


def cron(text: Any, says: str, at: str = "schedule.cron") -> Bad:
    return trigger(at, says, schedule={"cron": text})


def start(at: str | None, says: str, **fields: Any) -> Bad:
    return Bad("POST", "/", {"project": "acme"} | fields, at=at, says=says, edge="trigger")


def retry(at: str | None, says: str, **fields: Any) -> Bad:
    return Bad("POST", "/", {"project": "acme"} | fields, at=at, says=says, edge="retry")


DEEP = b'{"a":' * 70 + b"1" + b"}" * 70
CASES = {
    # Schedules
    "cron minute out of range": cron("99 * * * *", "minute '99'"),
    "cron step of zero": cron("*/0 * * * *", "step of 0"),
    "cron weekday out of range": cron("0 0 * * 8", "day of week"),
    "cron word": cron("FOO", "1 fields"),
    "cron of a date that never comes": cron("0 9 31 2 *", "no fire time"),
    "cron empty": cron("", "0 fields"),
    "cron a number": cron(5, "must be text"),
    "cron null": cron(None, "cannot be null"),
    "cron too long": cron("0," * 150 + "0 * * * *", "characters"),
    "cron with its second first": cron("0 0 9 * * 1", "write '0 9 * * 1' for 'at 09:00 on Monday'"),
    "cron with a step beyond its field": cron("*/90 * * * *", "for every 90 minutes write every: PT90M"),
    "cron with a year": cron("0 9 ? * MON-FRI *", "write '0 9 ? * MON-FRI'"),
    "cron with its zone": cron("CRON_TZ=Asia/Tokyo 0 9 * * *", "time_zone: 'Asia/Tokyo'"),
    "cron an interval": cron("@every 5m", "write every: PT5M"),
    "zone of an interval": trigger(
        "schedule.time_zone", "belongs to cron", schedule={"every": "1h", "time_zone": "Europe/Berlin"}
    ),
    "zone of a single time": trigger(
        "schedule.time_zone", "has an offset", schedule={"at": "2099-01-01T09:00:00Z", "time_zone": "Europe/Berlin"}
    ),
    "anchor of a cron": trigger(
        "schedule.anchor", "belongs to every", schedule=DAILY | {"anchor": "2027-01-01T00:00:00Z"}
    ),
    "zone misnamed": trigger("schedule.timezone", "time_zone", schedule=DAILY | {"timezone": "Europe/Berlin"}),
    "interval of a week in short": trigger("schedule.every", "write '7d' or 'P1W'", schedule={"every": "1w"}),
    "interval of a month": trigger("schedule.every", "no fixed length", schedule={"every": "P1M"}),
    "once at the hour 24": trigger(
        "schedule.at", "write '2099-01-02T00:00:00Z'", schedule={"at": "2099-01-01T24:00:00Z"}
    ),
    "once in the first year": trigger("schedule", "no fire time after now", schedule={"at": "0001-01-01T00:00:00Z"}),
    "start after the last fire time": trigger("schedule", "`start`", start="9500-01-01T00:00:00Z"),
    "words of a schedule": trigger("schedule_text", "set by Tock", schedule_text="every minute"),
    "seconds below the minimum": cron("* * * * * *", "PT10S or more", at="schedule"),
    "zone unknown": trigger("schedule.time_zone", "IANA", schedule=DAILY | {"time_zone": "Foo/Bar"}),
    "zone unknown, disabled": trigger(
        "schedule.time_zone", "IANA", schedule=DAILY | {"time_zone": "Foo/Bar"}, enabled=False
    ),
    "zone outside its directory": trigger("schedule.time_zone", "IANA", schedule=DAILY | {"time_zone": "../UTC"}),
    "zone null": trigger("schedule.time_zone", "null", schedule=DAILY | {"time_zone": None}),
    "schedule missing": trigger("schedule", "required", schedule=...),
    "schedule null": trigger("schedule", "null", schedule=None),
    "schedule without a kind": trigger("schedule", "exactly one", schedule={}),
    "schedule of two kinds": trigger("schedule", "exactly one", schedule=DAILY | {"at": "2099-01-01T00:00:00Z"}),
    "schedule a text": trigger("schedule", "exactly one", schedule="0 9 * * *"),
    "schedule with an unknown field": trigger("schedule.tz", "not known", schedule=DAILY | {"tz": "UTC"}),
    "interval below the minimum": trigger("schedule", "PT10S or more", schedule={"every": "1s"}),
    "interval without a unit": trigger("schedule.every", "no unit", schedule={"every": 60}),
    "interval unreadable": trigger("schedule.every", "not a duration", schedule={"every": "soon"}),
    "once without an offset": trigger("schedule.at", "needs an offset", schedule={"at": "2099-01-01T09:00:00"}),
    "once in the past": trigger("schedule", "no fire time after now", schedule={"at": "2020-01-01T09:00:00Z"}),
    "once unreadable": trigger("schedule.at", "RFC 3339", schedule={"at": "tomorrow"}),
    "end before start": trigger("end", "not after start", start="2099-01-02T00:00:00Z", end="2099-01-01T00:00:00Z"),
    "start a number": trigger("start", "RFC 3339", start=1),
    # Other fields of a trigger
    "agent missing": trigger("agent", "required", agent=...),
    "agent unknown": Bad(
        *("POST", TRIGGERS, {"agent": "nobody", "schedule": DAILY}), status=409, at="agent", says="create it first"
    ),
    "agent empty": trigger("agent", "1 to 255", agent=""),
    "agent with a slash": trigger("agent", "1 to 255", agent="a/b"),
    "id with a space": trigger("id", "1 to 255", id="a b"),
    "id too long": trigger("id", "1 to 255", id="a" * 256),
    "id ends with a newline": trigger("id", "1 to 255", id="a\n"),
    "id reserved": trigger("id", "reserved", id="preview"),
    "id reserved by the store": trigger("id", "reserved", id="__a__"),
    "name blank": trigger("name", "at least 1 character", name="   "),
    "name too long": trigger("name", "at most 256 characters", name="a" * 257),
    "description too long": trigger("description", "8000", description="a" * 8001),
    "message too long": trigger("input.message", "8000", input={"message": "a" * 8001}),
    "payload a list": trigger("input.payload", "JSON object", input={"payload": [1]}),
    "payload too large": trigger("input.payload", "65536", input={"payload": {"a": "x" * 70_000}}),
    "payload null": trigger("input.payload", "null", input={"payload": None}),
    **{
        f"ref {ref!r}"[:40]: trigger("input.ref", "git check-ref-format", input={"ref": ref})
        for ref in (
            "../..//\x00 bad",
            "a b",
            "-x",
            "a..b",
            "HEAD~1",
            "main^",
            "refs/heads/",
            "/a",
            "a.lock",
            "@",
            "a\tb",
        )
    },
    "ref empty": trigger("input.ref", "at least 1", input={"ref": ""}),
    "ref blank": trigger("input.ref", "git check-ref-format", input={"ref": " "}),
    "retries as text": trigger("retry.max_retries", "whole number", retry={"max_retries": "3"}),
    "retries as a truth": trigger("retry.max_retries", "whole number", retry={"max_retries": True}),
    "queue depth as text": trigger("queue_depth", "whole number", queue_depth="3"),
    "enabled as text": trigger("enabled", "true or false", enabled="true"),
    "enabled as a number": trigger("enabled", "true or false", enabled=1),
    "input with an unknown field": trigger("input.body", "not known", input={"body": 1}),
    "overlap unknown": trigger("overlap", "'skip', 'queue', 'parallel' or 'replace'", overlap="all"),
    "queue depth out of range": trigger("queue_depth", "at most 10", queue_depth=11),
    "retries out of range": trigger("retry.max_retries", "at most 10", retry={"max_retries": 11}),
    "retries negative": trigger("retry.max_retries", "at least 0", retry={"max_retries": -1}),
    "retries not whole": trigger("retry.max_retries", "whole number", retry={"max_retries": 1.5}),
    "retries huge": trigger("retry.max_retries", "at most 10", retry={"max_retries": 10**400}),
    "retry delay out of range": trigger("retry.delay", "PT1H", retry={"delay": "2h"}),
    "retry not an object": trigger("retry", "JSON object", retry=3),
    "catch-up unknown": trigger("catch_up.mode", "'latest'", catch_up={"mode": "some"}),
    "timeout too long": trigger("timeout", "PT29M", timeout="30m"),
    "timeout zero": trigger("timeout", "out of range", timeout="0s"),
    "enabled a word": trigger("enabled", "true or false", enabled="perhaps"),
    # What only Tock writes
    "next_run_at given": trigger("next_run_at", "set by Tock", next_run_at="2099-01-01T00:00:00Z"),
    "project given": trigger("project", "set by Tock", project="other"),
    "created given": trigger("created", "set by Tock", created={"at": "2020-01-01T00:00:00Z", "by": "me"}),
    "revision given": trigger("revision", "set by Tock", revision=7),
    "author given": Bad("POST", AGENTS, {"kind": "python", "author": "me"}, at="author", says="set by Tock"),
    "unknown field": trigger("shcedule", "did you mean schedule?", shcedule={}),
    "unknown field of a part": trigger("retry.max_retry", "did you mean max_retries?", retry={"max_retry": 1}),
    "unknown field like no other": trigger("colour", "check the spelling", colour="red"),
    # FastAPI's errors begin with such a word; here it is a field of the body.
    "unknown field called body": trigger("body", "check the spelling", body={}),
    "unknown field called query of a part": trigger("retry.query", "check the spelling", retry={"query": 1}),
    # Agents, projects, keys
    "kind unknown": Bad("POST", AGENTS, {"kind": "magic"}, at="kind", says="python"),
    "kind empty": Bad("POST", AGENTS, {"kind": ""}, at="kind", says="at least 1"),
    "config not allowed": Bad(
        "POST", AGENTS, {"kind": "python", "config": {"callable": "os:system"}}, at="config.callable", says="TOCK_"
    ),
    "config not an object": Bad("POST", AGENTS, {"kind": "python", "config": []}, at="config", says="JSON object"),
    "project id missing": Bad("POST", "/v1/projects", {"name": "x"}, at="id", says="required"),
    "project id unacceptable": Bad("POST", "/v1/projects", {"id": "ä"}, at="id", says="letters"),
    "key name too long": Bad("POST", f"{PROJECT}/api-keys", {"name": "a" * 257}, at="name", says="256"),
    "key secret given": Bad("POST", f"{PROJECT}/api-keys", {"secret_hash": "00"}, at="secret_hash", says="not known"),
    # Changes
    "patch empty": Bad("PATCH", MORNING, {}, at="body", says="No fields to update"),
    "patch empty agent": Bad("PATCH", f"{AGENTS}/digest", {}, at="body", says="No fields to update"),
    "patch a list": Bad("PATCH", MORNING, [], at="body", says="JSON object"),
    "patch unknown, called body": Bad("PATCH", MORNING, {"body": 1}, at="body", says="not known"),
    "patch unknown, called header": Bad(
        "PATCH", MORNING, {"header": {"path": 1}}, at="header", says="leave it out of the body"
    ),
    "patch unknown": Bad("PATCH", MORNING, {"colour": 1}, at="colour", says="not known"),
    "patch computed": Bad("PATCH", MORNING, {"next_run_at": None}, at="next_run_at", says="set by Tock"),
    "patch id": Bad("PATCH", MORNING, {"id": "evening"}, at="id", says="not known"),
    "patch nested unknown": Bad("PATCH", MORNING, {"retry": {"count": 1}}, at="retry.count", says="not known"),
    "patch schedule of two kinds": Bad(
        "PATCH", MORNING, {"schedule": {"cron": "* * * * *", "every": "1h"}}, at="schedule", says="exactly one"
    ),
    "patch end before start": Bad(
        "PATCH", MORNING, {"start": "2099-01-02T00:00:00Z", "end": "2099-01-01T00:00:00Z"}, at="end", says="not after"
    ),
    "patch schedule to the past": Bad(
        "PATCH", MORNING, {"schedule": {"at": "2020-01-01T00:00:00Z"}}, at="schedule", says="no fire time"
    ),
    "etag without quotes": Bad(
        "PATCH", MORNING, {"name": "x"}, headers={"If-Match": "1"}, at="If-Match", says="with its quotes"
    ),
    "etag weak": Bad("DELETE", MORNING, headers={"If-Match": 'W/"1"'}, at="If-Match", says="ETag"),
    # Starting
    "run with an unknown field": Bad("POST", f"{MORNING}:run", {"payload": {}}, at="payload", says="not known"),
    "run message a number": Bad(
        "POST", f"{MORNING}:run", {"input": {"message": 1}}, at="input.message", says="must be text"
    ),
    "run ref of a trigger": Bad(
        "POST", f"{MORNING}:run", {"input": {"ref": "--upload-pack=x"}}, at="input.ref", says="git check-ref-format"
    ),
    "run ref of an agent": Bad(
        "POST", f"{AGENTS}/digest:run", {"input": {"ref": "a..b"}}, at="input.ref", says="git check-ref-format"
    ),
    "run ref with white space": Bad(
        "POST", f"{AGENTS}/digest:run", {"input": {"ref": " main "}}, at="input.ref", says="git check-ref-format"
    ),
    "patch ref": Bad("PATCH", MORNING, {"input": {"ref": "a//b"}}, at="input.ref", says="git check-ref-format"),
    "run subject blank": Bad("POST", f"{AGENTS}/digest:run", {"subject": ""}, at="subject", says="at least 1"),
    "run of a disabled agent": Bad("POST", f"{AGENTS}/asleep:run", status=409, at="agent", says="then run it"),
    "idempotency key too long": Bad(
        "POST", f"{MORNING}:run", headers={"Idempotency-Key": "k" * 256}, at="Idempotency-Key", says="1 to 255"
    ),
    "idempotency key empty": Bad(
        "POST", f"{MORNING}:run", headers={"Idempotency-Key": ""}, at="Idempotency-Key", says="1 to 255"
    ),
    "idempotency key with a space": Bad(
        "POST", f"{MORNING}:run", headers={"Idempotency-Key": "a b"}, at="Idempotency-Key", says="visible"
    ),
    "run with a misspelt field": Bad(
        "POST", f"{MORNING}:run", {"subjcet": "x"}, at="subjcet", says="did you mean subject?"
    ),
    "enable with a field": Bad("POST", f"{MORNING}:enable", {"now": True}, at="now", says="not known"),
    "repetition with an unknown choice": Bad(
        "POST", f"{RUNS}/r:retry", {"config": "new"}, at="config", says="'snapshot'"
    ),
    "cancel reason too long": Bad("POST", f"{RUNS}/r:cancel", {"reason": "a" * 8001}, at="reason", says="8000"),
    # Queries
    "page size of zero": Bad("GET", f"{TRIGGERS}?page_size=0", at="page_size", says="at least 1"),
    "page size too large": Bad("GET", f"{RUNS}?page_size=101", at="page_size", says="at most 100"),
    "page size a word": Bad("GET", f"{AGENTS}?page_size=many", at="page_size", says="whole number"),
    "page token made up": Bad("GET", f"{RUNS}?page_token=made-up", at="page_token", says="next_page_token"),
    "page token of another listing": Bad("GET", "/v1/projects?page_token=bm8", at="page_token", says="page"),
    "status unknown": Bad("GET", f"{RUNS}?status=done", at="status", says="'succeeded'"),
    "source unknown": Bad("GET", f"{RUNS}?source=cron", at="source", says="'schedule'"),
    "order unknown": Bad("GET", f"{RUNS}?sort=name", at="sort", says="'duration'"),
    "prefix with another filter": Bad(
        "GET", f"{RUNS}?id_prefix=0b1c&status=failed&sort=cost", at="id_prefix", says="given with sort, status"
    ),
    "prefix that no id has": Bad("GET", f"{RUNS}?id_prefix=a/b", at="id_prefix", says="letters"),
    "status several, one unknown": Bad("GET", f"{RUNS}?status=failed&status=done", at="status", says="'succeeded'"),
    **{
        f"{name} several of {path}": Bad(
            "GET", f"{path}{mark}{name}=x&{name}=x", at=name, says="comes 2 times: give it once"
        )
        for path, mark, names in (
            (
                RUNS,
                "?",
                (
                    "agent",
                    "trigger",
                    "source",
                    "since",
                    "until",
                    "sort",
                    "id_prefix",
                    "page_size",
                    "page_token",
                    "what",
                ),
            ),
            (f"{RUNS}?status=failed&status=failed", "&", ("agent",)),
            (AGENTS, "?", ("page_size", "page_token")),
            (TRIGGERS, "?", ("agent", "page_size")),
            ("/v1/projects", "?", ("page_size",)),
            (f"{RUNS}/r/events", "?", ("since", "limit")),
            (f"{MORNING}:preview", "?", ("from", "count")),
            (f"{MORNING}:proof", "?", ("from", "to", "occurrences")),
            (f"{MORNING}:why", "?", ("at",)),
            (UPCOMING, "?", ("until", "limit", "per_trigger")),
            (MORNING, "?", ("what",)),
        )
        for name in names
    },
    "query unknown": Bad("GET", f"{RUNS}?limit=5", at="limit", says="not known"),
    "since without an offset": Bad("GET", f"{RUNS}?since=2027-01-01T00:00:00", at="since", says="offset"),
    "since with a bare plus": Bad("GET", f"{RUNS}?since=2027-01-01T00:00:00+01:00", at="since", says="%2B"),
    "until before since": Bad(
        "GET", f"{RUNS}?since=2027-01-02T00:00:00Z&until=2027-01-01T00:00:00Z", at="until", says="not after since"
    ),
    "events from a negative number": Bad("GET", f"{RUNS}/r/events?since=-1", at="since", says="at least 0"),
    "events from a huge number": Bad("GET", f"{RUNS}/r/events?since={'9' * 40}", at="since", says="at most"),
    "preview of too many": Bad("GET", f"{MORNING}:preview?count=101", at="count", says="at most 100"),
    "preview from long ago": Bad("GET", f"{MORNING}:preview?from=0001-01-01T00:00:00Z", at="from", says="1970"),
    "preview from far ahead": Bad("GET", f"{MORNING}:preview?from=9999-12-31T00:00:00Z", at="from", says="2199"),
    "why of no time": Bad("GET", f"{MORNING}:why", at="at", says="required"),
    "why of a time long ago": Bad("GET", f"{MORNING}:why?at=0001-01-01T00:00:00Z", at="at", says="1970"),
    "upcoming until long ago": Bad("GET", f"{UPCOMING}?until=0001-01-01T00:00:00Z", at="until", says="1970"),
    "upcoming of too many": Bad("GET", f"{UPCOMING}?limit=501", at="limit", says="at most 500"),
    "preview of nothing": Bad("POST", PREVIEW, {}, at="schedule", says="required"),
    "preview of a bad cron": Bad("POST", PREVIEW, {"schedule": {"cron": "x"}}, at="schedule.cron", says="fields"),
    # Bodies
    "body missing": Bad("POST", TRIGGERS, at="body", says="required"),
    "body not JSON": Bad("POST", TRIGGERS, content=b'{"agent": ', headers=JSON, says="line 1, column 11"),
    "body not UTF-8": Bad("POST", TRIGGERS, content=b'{"agent": "\xff"}', headers=JSON, says="Unicode"),
    "body with half a surrogate": Bad("PATCH", MORNING, content=b'{"name": "\\ud800"}', headers=JSON, says="Unicode"),
    "body with NaN": Bad("PATCH", MORNING, content=b'{"input": {"payload": {"a": NaN}}}', headers=JSON, says="NaN"),
    "body with infinity": Bad(
        "PATCH", MORNING, content=b'{"input": {"payload": {"a": 1e999}}}', headers=JSON, says="JSON"
    ),
    "body too deep": Bad("PATCH", MORNING, content=DEEP, headers=JSON, says="nested deeper"),
    "body far too deep": Bad("PATCH", MORNING, content=b"[" * 100_000, headers=JSON, says="nested deeper"),
    "body with an endless number": Bad("PATCH", MORNING, content=b"9" * 5000, headers=JSON, says="digits"),
    "body with a member twice": Bad(
        "POST", TRIGGERS, content=b'{"agent": "digest", "agent": "asleep"}', headers=JSON, says="'agent' occurs twice"
    ),
    "body with a member twice inside": Bad(
        "PATCH", MORNING, content=b'{"input": {"payload": {"a": 1, "a": 2}}}', headers=JSON, says="'a' occurs twice"
    ),
    "body in UTF-16": Bad("PATCH", MORNING, content='{"name": "x"}'.encode("utf-16"), headers=JSON, says="Unicode"),
    "body a list": Bad("POST", TRIGGERS, [], at="body", says="JSON object"),
    "body a text": Bad("POST", TRIGGERS, "x", at="body", says="JSON object"),
    "body null": Bad("POST", TRIGGERS, content=b"null", headers=JSON, at="body"),
    "body too large": Bad("POST", TRIGGERS, content=b" " * 262_145, headers=JSON, status=413, says="262144 bytes"),
    "body of another type": Bad(
        "POST", TRIGGERS, content=b"a=1", headers={"Content-Type": "text/plain"}, status=415, says="text/plain"
    ),
    "body of no type": Bad("POST", TRIGGERS, content=b"{}", status=415, says="no Content-Type"),
    # Paths and methods
    "path unknown": Bad("GET", "/v2/projects", status=404, says="/v2/projects"),
    "path with a slash at its end": Bad("GET", f"{TRIGGERS}/", status=404, says="nothing"),
    "verb unknown": Bad("POST", f"{MORNING}:explode", status=404, says="morning:explode"),
    "method unknown here": Bad("POST", MORNING, {}, status=405, says="DELETE, GET, PATCH, PUT"),
    "verb by GET": Bad("GET", f"{MORNING}:run", status=405, says="POST"),
    "id in a path unacceptable": Bad("GET", f"{TRIGGERS}/a%20b", status=404, says="a b"),
    "id in a path reserved": Bad("GET", f"{TRIGGERS}/__a__", status=404, says="__a__"),
    "id in a path too long": Bad("GET", f"{TRIGGERS}/{'a' * 9000}", status=404, says="trigger"),
    "project in a path unacceptable": Bad("GET", "/v1/projects/%00/triggers", status=404, says="project"),
    "id of a proof too long": Bad("GET", f"{TRIGGERS}/{'a' * 2000}:proof", status=404, says="trigger"),
    "id of a proof unacceptable": Bad("GET", f"{TRIGGERS}/__a__:proof", status=404, says="trigger"),
    "id of a preview too long": Bad("GET", f"{TRIGGERS}/{'a' * 2000}:preview", status=404, says="trigger"),
    "id to run too long": Bad("POST", f"{AGENTS}/{'a' * 2000}:run", status=404, says="agent"),
    "id of events too long": Bad("GET", f"{RUNS}/{'a' * 2000}/events", status=404, says="run"),
    "id to retry too long": Bad("POST", f"{RUNS}/{'a' * 2000}:retry", status=404, says="run"),
    "id to revoke too long": Bad("DELETE", f"{PROJECT}/api-keys/{'a' * 2000}", status=404, says="API key"),
    "project too long": Bad("GET", f"/v1/projects/{'a' * 2000}/runs", status=404, says="project"),
    "trigger missing": Bad("POST", f"{TRIGGERS}/nobody:run", status=404, says="'nobody'"),
    "trigger missing to disable": Bad("POST", f"{TRIGGERS}/nobody:disable", status=404, says="trigger"),
    "run missing": Bad("POST", f"{RUNS}/nobody:cancel", status=404, says="'nobody'"),
    "events of a missing run": Bad("GET", f"{RUNS}/nobody/events", status=404, says="'nobody'"),
    "trigger in a missing project": Bad(
        "POST", "/v1/projects/nowhere/triggers", {"agent": "digest", "schedule": DAILY}, status=404, says="'nowhere'"
    ),
    "preview in a missing project": Bad(
        "POST", "/v1/projects/nowhere/triggers:preview", {"schedule": DAILY}, status=404, says="'nowhere'"
    ),
    "key in a missing project": Bad("POST", "/v1/projects/nowhere/api-keys", {}, status=404, says="'nowhere'"),
    # The functions trigger and retry
    "start of nothing": start("trigger", "exactly one"),
    "start of both": start("trigger", "exactly one", trigger="morning", agent="digest"),
    "start without a project": Bad("POST", "/", {"trigger": "t"}, at="project", says="required", edge="trigger"),
    "start with an unknown field": start("payload", "not known", trigger="morning", payload={}),
    "start with a field called header": start("header", "leave it out of the body", trigger="morning", header={}),
    "start with a bad payload": start("input.payload", "JSON object", trigger="morning", input={"payload": "x"}),
    "start with a ref that is none": start(
        "input.ref", "git check-ref-format", trigger="morning", input={"ref": "a:b"}
    ),
    "start of an unacceptable id": start("trigger", "1 to 255", trigger="a/b"),
    "start of a disabled agent": Bad(
        *("POST", "/", {"project": "acme", "agent": "asleep"}),
        status=409,
        at="agent",
        says="then run it",
        edge="trigger",
    ),
    "start without a body": Bad("POST", "/", edge="trigger", says="line 1"),
    "start by GET": Bad("GET", "/", edge="trigger", status=405, says="POST"),
    "start of another type": Bad(
        "POST", "/", content=b"{}", headers={"Content-Type": "text/html"}, status=415, edge="trigger"
    ),
    "start with a bad key": Bad(
        "POST",
        "/",
        {"project": "acme", "trigger": "morning"},
        headers={"Idempotency-Key": "a\tb"},
        at="Idempotency-Key",
        edge="trigger",
    ),
    "start with a member twice": Bad(
        "POST", "/", content=b'{"project": "acme", "project": "x"}', headers=JSON, edge="trigger", says="occurs twice"
    ),
    "start too large": Bad("POST", "/", content=b" " * 300_000, headers=JSON, status=413, edge="trigger"),
    "retry without a run": retry("run", "required"),
    "retry with an unknown choice": retry("config", "'current'", run="r", config="x"),
    "retry with a field called path": retry("path", "leave it out of the body", run="r", path="x"),
    "retry with a blank model": retry("model", "at least 1", run="r", model=""),
    "retry with the source's fields": retry("retry_of", "not known", run="r", retry_of="x"),
    "retry not JSON": Bad("POST", "/", content=b"{", headers=JSON, edge="retry", says="column 2"),
    "retry by DELETE": Bad("DELETE", "/", edge="retry", status=405, says="POST"),
    "start of a missing trigger": Bad(
        "POST", "/", {"project": "acme", "trigger": "nobody"}, status=404, says="'nobody'", edge="trigger"
    ),
    "start in a missing project": Bad(
        "POST", "/", {"project": "nowhere", "agent": "digest"}, status=404, says="'nowhere'", edge="trigger"
    ),
    "retry of a missing run": Bad(
        "POST", "/", {"project": "acme", "run": "nobody"}, status=404, says="'nobody'", edge="retry"
    ),
}
