"""A program that plays gcloud or Terraform, by its own name, in the place of what needs a cloud.

It writes down each call, with its environment, in `calls.jsonl` beside its folder, and keeps the world in `cloud.json`.
"""

import json
import os
import signal
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

HOME = Path(sys.argv[0]).resolve().parents[1]
WORLD = HOME / "cloud.json"


def gcloud(world: dict[str, Any], words: list[str]) -> int:
    buckets = world["buckets"]
    match [word for word in words if not word.startswith("-")]:
        case ["auth", *default, "print-access-token"]:
            fine, trouble = world["default" if default else "gcloud"], "There are no credentials."
        case ["projects", "describe", project]:
            fine, trouble = world["projects"].get(project), f"[{project}] may not exist, or you may not see it."
        case ["services", "enable", *_]:
            fine, trouble = world["enable"], "You may not enable services."
        case ["storage", "buckets", "describe", url]:
            fine, trouble = buckets.get(url) and "\t".join(buckets[url]), f"{url} not found: 404."
        case ["storage", "buckets", "create", url]:
            fine, trouble = url not in world["taken"], "The requested bucket name is not available."
            if fine:
                [project] = [word.partition("=")[2] for word in words if word.startswith("--project=")]
                buckets[url] = [world["projects"][project], ""]
        case ["storage", "buckets", "update", url]:
            fine, trouble = url in buckets, f"{url} not found: 404."
            buckets[url][1] = "True"
        case _:
            fine, trouble = None, f"unrecognized arguments: {words}"
    return said(str(fine)) if fine else failed(trouble)


def terraform(world: dict[str, Any], words: list[str]) -> int:
    folder, verb, *rest = words
    assert folder.startswith("-chdir=")
    code: int = world["exit"].get(verb, 0)
    if verb == "init":
        [bucket] = [word.rpartition("=")[2] for word in rest if word.startswith("-backend-config=bucket=")]
        world["backend"] = f"gs://{bucket}"
        return code or (said("initialized!") if world["backend"] in world["buckets"] else failed("no such bucket"))
    state = world["state"].setdefault(world["backend"], {})
    if verb == "output":
        return code or said(json.dumps({name: {"sensitive": False, "value": value} for name, value in state.items()}))
    given = dict(pair.split("=", 1) for flag, pair in pairwise(rest) if flag == "-var")
    assert (HOME / folder.removeprefix("-chdir=") / given["source_archive"]).resolve().is_file()
    if verb == "apply" and world["waits"]:
        signal.signal(signal.SIGINT, lambda *_: (HOME / "interrupted").touch())
        (HOME / "applying").touch()
        while not (HOME / "interrupted").exists():
            time.sleep(0.05)
        time.sleep(0.5)
        (HOME / "written").touch()
        return 1
    if verb == "apply" and (code == 0 or world["half"]):
        state["admin_key_hash"] = given.get("admin_key_hash", "f" * 64)
    if verb == "apply" and code == 0:
        state["url"] = world["url"]
    said(f"Terraform's own words on {verb}")
    return code


def said(text: str) -> int:
    sys.stdout.write(f"{text}\n")
    return 0


def failed(text: str) -> int:
    sys.stderr.write(f"ERROR: {text}\n")
    return 1


def play() -> int:
    tool = Path(sys.argv[0]).name
    with (HOME / "calls.jsonl").open("a") as calls:
        calls.write(json.dumps({"tool": tool, "words": sys.argv[1:], "environment": dict(os.environ)}) + "\n")
    world = json.loads(WORLD.read_text())
    code = {"gcloud": gcloud, "terraform": terraform}[tool](world, sys.argv[1:])
    WORLD.write_text(json.dumps(world))
    return code


if __name__ == "__main__":
    sys.exit(play())
