"""The program of kind command that the contract suite runs: it does what the run's message says."""

import json
import os
import sys
import time
from typing import Any

run = json.loads(sys.stdin.readline())


def say(**words: Any) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


match run["message"]:
    case "nothing":
        pass
    case "fail":
        say(event="progress", data={"step": 1})
        sys.exit("no such page")
    case "hang":
        say(event="progress", data={"process": os.getpid()})
        time.sleep(600)
    case "listen":
        say(event="progress", data={"step": 1})
        say(result=[json.loads(sys.stdin.readline())["message"]])
    case "ask" if run["answer"] is None:
        say(wait={"for": "input", "question": "Which branch?"})
    case "ask":
        say(result=run["answer"]["value"])
    case message:
        said = [*(run["conversation"] or []), message]
        say(event="progress", data={"step": 1})
        say(usage={"input_tokens": 10, "output_tokens": 5}, session=said, result=said)
