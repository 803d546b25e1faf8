"""Bad requests to the functions `trigger` and `retry`."""

from web.api.bad_request import JSON, Bad, retry, start

BAD_STARTS = {
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
