"""Bad requests whatever they are about: bodies, paths and methods."""

from web.api.bad_request import AGENTS, JSON, MORNING, PROJECT, RUNS, TRIGGERS, Bad
from web.rig import DAILY

DEEP = b'{"a":' * 70 + b"1" + b"}" * 70
BAD_BODIES = {
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
}
