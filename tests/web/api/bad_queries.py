"""Bad requests to list and to look up."""

from web.api.bad_request import AGENTS, MORNING, PREVIEW, RUNS, TRIGGERS, UPCOMING, Bad

BAD_QUERIES = {
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
}
