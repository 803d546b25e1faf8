"""Bad requests to create a trigger: its schedule, its other fields, and those that only Tock writes."""

from web.api.bad_request import AGENTS, TRIGGERS, Bad, cron, trigger
from web.rig import DAILY

BAD_TRIGGERS = {
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
}
