"""Bad requests to create agents, projects and keys, to change what there is, and to start runs."""

from web.api.bad_request import AGENTS, MORNING, PROJECT, RUNS, Bad

BAD_CHANGES = {
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
}
