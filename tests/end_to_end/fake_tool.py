"""A fake gcloud or Terraform, by the name of the file that it is copied to.

It logs each call with its environment in `calls.jsonl`, and keeps the state of the fake cloud in `cloud.json`.
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
CLOUD = HOME / "cloud.json"


def gcloud(cloud: dict[str, Any], words: list[str]) -> int:
    buckets = cloud["buckets"]
    match [word for word in words if not word.startswith("-")]:
        case ["auth", *default, "print-access-token"]:
            fine, trouble = cloud["default" if default else "gcloud"], "There are no credentials."
        case ["projects", "describe", project]:
            fine, trouble = cloud["projects"].get(project), f"[{project}] may not exist, or you may not see it."
        case ["services", "enable", *_]:
            fine, trouble = cloud["enable"], "You may not enable services."
        case ["storage", "buckets", "describe", url]:
            fine, trouble = buckets.get(url) and "\t".join(buckets[url]), f"{url} not found: 404."
        case ["storage", "buckets", "create", url]:
            fine, trouble = url not in cloud["taken"], "The requested bucket name is not available."
            if fine:
                [project] = [word.partition("=")[2] for word in words if word.startswith("--project=")]
                buckets[url] = [cloud["projects"][project], ""]
        case ["storage", "buckets", "update", url]:
            fine, trouble = url in buckets, f"{url} not found: 404."
            buckets[url][1] = "True"
        case _:
            fine, trouble = None, f"unrecognized arguments: {words}"
    return printed(str(fine)) if fine else failed(trouble)


def terraform(cloud: dict[str, Any], words: list[str]) -> int:
    folder, verb, *rest = words
    assert folder.startswith("-chdir=")
    code: int = cloud["exit"].get(verb, 0)
    if verb == "init":
        [bucket] = [word.rpartition("=")[2] for word in rest if word.startswith("-backend-config=bucket=")]
        cloud["backend"] = f"gs://{bucket}"
        return code or (printed("initialized!") if cloud["backend"] in cloud["buckets"] else failed("no such bucket"))
    state = cloud["state"].setdefault(cloud["backend"], {})
    if verb == "output":
        return code or printed(
            json.dumps({name: {"sensitive": False, "value": value} for name, value in state.items()})
        )
    given = dict(pair.split("=", 1) for flag, pair in pairwise(rest) if flag == "-var")
    assert (HOME / folder.removeprefix("-chdir=") / given["source_archive"]).resolve().is_file()
    if verb == "apply" and cloud["waits"]:
        signal.signal(signal.SIGINT, lambda *_: (HOME / "interrupted").touch())
        (HOME / "applying").touch()
        while not (HOME / "interrupted").exists():
            time.sleep(0.05)
        time.sleep(0.5)
        (HOME / "written").touch()
        return 1
    if verb == "apply" and (code == 0 or cloud["partial"]):
        state["admin_key_hash"] = given.get("admin_key_hash", "f" * 64)
    if verb == "apply" and code == 0:
        state["url"] = cloud["url"]
    printed(f"Terraform's own words on {verb}")
    return code


def printed(text: str) -> int:
    sys.stdout.write(f"{text}\n")
    return 0


def failed(text: str) -> int:
    sys.stderr.write(f"ERROR: {text}\n")
    return 1


def main() -> int:
    tool = Path(sys.argv[0]).name
    with (HOME / "calls.jsonl").open("a") as calls:
        calls.write(json.dumps({"tool": tool, "words": sys.argv[1:], "environment": dict(os.environ)}) + "\n")
    cloud = json.loads(CLOUD.read_text())
    code = {"gcloud": gcloud, "terraform": terraform}[tool](cloud, sys.argv[1:])
    CLOUD.write_text(json.dumps(cloud))
    return code


if __name__ == "__main__":
    sys.exit(main())
