"""The program of kind command that says secrets in every way that there is."""

import json
import os
import sys
from pathlib import Path
from typing import Any

run = json.loads(sys.stdin.readline())
secrets = [*Path(run["input"]["file"]).read_text(encoding="utf-8").splitlines(), os.environ["CODER_KEY"]]
said = " ".join(secrets)


def say(**words: Any) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


sys.stdout.write(f"{said}\n")
sys.stderr.write(f"{said}\n")
for secret in secrets:
    say(event=secret, data={"said": said, secret: [secret]})
    say(usage={"input_tokens": 1, "model": secret})
    say(usage={"input_tokens": f"more than 8 characters and {secret}"})
say(session=[said], checkpoint={"said": said})
say(type=said, wait=said)
Path(secrets[0].replace("/", "")).write_text("new", encoding="utf-8")
match run["message"]:
    case "fail":
        sys.exit(said)
    case "wait" if run["answer"] is None:
        say(wait={"for": "input", "question": said})
    case _:
        say(result={"said": said, said: secrets})
