"""The program of kind command that the contract suite runs: it does what the run's message says."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

run = json.loads(sys.stdin.readline())


def say(**words: Any) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


match run["message"]:
    case "nothing":
        pass
    case "fail":
        say(event="progress", data={"step": 1}, session=["fail"])
        sys.exit("no such page")
    case "hang" | "stubborn" as message:
        if message == "stubborn":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        say(event="progress", data={"process": os.getpid()})
        time.sleep(600)
    case "listen":
        say(event="progress", data={"step": 1})
        heard = json.loads(sys.stdin.readline())
        say(result=[[heard["signal"], heard["message"]]])
    case "ask" if run["answer"] is None:
        say(wait={"for": "input", "question": "Which branch?"})
    case "ask":
        say(result=run["answer"]["value"])
    case "again" | "survive" if run["state"] is not None:
        say(result=run["state"])
    case "again":
        say(checkpoint={"step": 2})
        sys.exit("busy")
    case "survive" if run["answer"] is None:
        Path("first.txt").write_text("of the first leg")
        say(wait={"for": "input", "question": "Which branch?"})
    case "survive":
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
        say(checkpoint={"step": 2, "first": Path("first.txt").read_text()})
        say(event="progress", data={"process": os.getpid(), "child": child.pid})
        time.sleep(600)
    case message:
        said = [*(run["conversation"] or []), message]
        say(event="progress", data={"step": 1})
        say(usage={"input_tokens": 10, "output_tokens": 5}, session=said, result=said)
