"""A gcloud that answers what it is given, and writes down what it was asked."""

import json
import stat
import sys
from pathlib import Path
from typing import Any

PROGRAM = """#!{python}
import json, sys
answers = json.load(open({answers!r}))
words = " ".join(word for word in sys.argv[1:] if not word.startswith("-"))
open({calls!r}, "a").write(json.dumps(sys.argv[1:]) + "\\n")
if words not in answers:
    sys.exit("ERROR: you may not see " + words)
print(answers[words] if isinstance(answers[words], str) else json.dumps(answers[words]))
"""
INVOKED = {"bindings": [{"role": "roles/run.invoker", "members": ["serviceAccount:tock-caller@x"]}]}
IN_ORDER: dict[str, Any] = {
    "scheduler jobs describe tock-tick": {"state": "ENABLED"},
    "tasks queues list": [
        {"name": "projects/x/locations/r/queues/tock-runs-0", "state": "RUNNING"},
        {"name": "projects/x/locations/r/queues/tock-ticks", "state": "RUNNING"},
        {"name": "projects/x/locations/r/queues/other", "state": "PAUSED"},
    ],
    "firestore indexes composite list": [{"state": "READY"}, {"state": "READY"}],
    "run services describe tock-api": {
        "status": {"url": "https://tock-api-x.a.run.app"},
        "metadata": {
            "annotations": {
                "run.googleapis.com/urls": '["https://tock-api-7.r.run.app","https://tock-api-x.a.run.app"]'
            }
        },
    },
    "run services get-iam-policy tock-tick": INVOKED,
    "run services get-iam-policy tock-run": INVOKED,
}


def a_gcloud(folder: Path, answers: dict[str, Any]) -> Path:
    """Write a program `gcloud` into the folder, which knows these answers by the words of the call, without options."""
    (folder / "answers.json").write_text(json.dumps(answers))
    program = folder / "gcloud"
    paths = {"answers": str(folder / "answers.json"), "calls": str(folder / "calls.jsonl")}
    program.write_text(PROGRAM.format(python=sys.executable, **paths))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program
