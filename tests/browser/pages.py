"""Every page of the console, and a project in which each has something to show.

A page that is added to the console and is not listed here fails `test_every_page.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from browser.conftest import Console
from waiting import result_of

#: Breaks out of elements, of attributes and of scripts, wherever a text is not escaped. A browser that takes it for
#: HTML makes elements with the attribute `data-hurt` of it.
HOSTILE = """</pre></textarea></script>"'><script data-hurt>hurt()</script><img data-hurt src=x onerror=hurt()>"""
#: The same in what a branch may be called.
HOSTILE_REF = "\"'><b/data-hurt>"

#: The pages of a project, by the paths of their routes, below `/projects/PROJECT`; `RUN_…` are ids of runs.
IN_PROJECT: Mapping[str, tuple[str, ...]] = {
    "": ("",),
    "/overview/now": ("/overview/now",),
    "/overview/history": ("/overview/history",),
    "/overview/attention": ("/overview/attention",),
    "/overview/accounts": ("/overview/accounts",),
    "/overview/spending": ("/overview/spending",),
    "/triggers": ("/triggers",),
    "/triggers/new": ("/triggers/new",),
    "/triggers/{trigger}": ("/triggers/morning",),
    "/triggers/{trigger}/edit": ("/triggers/morning/edit",),
    "/triggers/{trigger}/history": ("/triggers/morning/history",),
    "/triggers/{trigger}/proof": ("/triggers/morning/proof",),
    "/triggers/{trigger}/run": ("/triggers/morning/run",),
    "/triggers/{trigger}/duplicate": ("/triggers/morning/duplicate",),
    "/triggers/{trigger}/disable": ("/triggers/morning/disable",),
    "/triggers/{trigger}/delete": ("/triggers/morning/delete",),
    "/runs": ("/runs",),
    "/runs:cancel": ("/runs:cancel?run=RUN_AT_WORK",),
    "/runs:retry": ("/runs:retry?run=RUN_FAILED",),
    "/runs/{run}": ("/runs/RUN_ENDED", "/runs/RUN_FAILED", "/runs/RUN_WAITING", "/runs/RUN_AT_WORK"),
    "/runs/{run}/cancel": ("/runs/RUN_AT_WORK/cancel",),
    "/runs/{run}/retry": ("/runs/RUN_FAILED/retry",),
    "/runs/{run}/resume": ("/runs/RUN_ENDED/resume",),
    "/runs/{run}/exec": ("/runs/RUN_ENDED/exec",),
    "/agents": ("/agents",),
    "/agents/new": ("/agents/new",),
    "/agents/{agent}": ("/agents/hostile",),
    "/agents/{agent}/edit": ("/agents/hostile/edit",),
    "/agents/{agent}/run": ("/agents/hostile/run",),
    "/agents/{agent}/delete": ("/agents/hostile/delete",),
    "/settings": ("/settings",),
    "/settings/edit": ("/settings/edit",),
    "/settings/delete": ("/settings/delete",),
    "/keys/new": ("/keys/new",),
    "/keys/{key}/delete": ("/keys/KEY/delete",),
}
#: The pages of no project, by the paths of their routes. `/sign-in` needs a deployment with keys.
OUTSIDE: Mapping[str, tuple[str, ...]] = {"/projects": ("/projects",), "/projects/new": ("/projects/new",)}
#: What answers with no page of its own, and why.
NO_PAGES: Mapping[str, str] = {
    "/": "leads to the first page",
    "/assets/{digest}/{file:path}": "the files that pages load",
    "/favicon.ico": "leads to the icon",
    "/sign-in": "`test_every_page.py` opens it on a stack with keys",
    "/time-zones": "what the fields for time zones offer",
    "/projects/{project}/runs/{run}/events": "a stream of events",
    "/projects/{project}/runs/{run}/log": "a plain text",
}
#: What some of these pages are asked for besides: what is empty or wrong has a page too.
BESIDES = ("/triggers/nobody", "/runs?status=failed", "/agents?page_size=1", "/no-such-page")


@dataclass(frozen=True, slots=True)
class Furnished:
    """A project with something on every page, whose texts would be HTML if a page let them."""

    console: Console
    #: The ids that stand for the names in the paths above.
    ids: Mapping[str, str]

    def url(self, path: str) -> str:
        """The address of a page of the project, or of one outside all projects."""
        for name, identifier in self.ids.items():
            path = path.replace(name, identifier)
        outside = path in {each for paths in OUTSIDE.values() for each in paths}
        return f"{self.console.site}{path}" if outside else f"{self.console.url()}{path}"


def all_paths() -> list[str]:
    """The paths of all pages, those of a project below its own path."""
    return [path for paths in (*OUTSIDE.values(), *IN_PROJECT.values(), BESIDES) for path in paths]


def furnish(console: Console) -> Furnished:
    """Fill a project with agents, triggers, runs and keys whose texts are hostile."""
    console.patch("", {"name": HOSTILE, "description": HOSTILE})
    key = console.post("/api-keys", {"name": HOSTILE})["id"]
    for agent in ("hostile", "hostile_fails", "hostile_asks", "works"):
        console.agent(agent)
        console.patch(f"/agents/{agent}", {"name": HOSTILE, "description": HOSTILE, "labels": {"managed-by": "shop"}})
    console.patch("/agents/hostile", {"evidence": {"output_schema": {"title": HOSTILE}, "events": [HOSTILE[:64]]}})
    given = {"message": HOSTILE, "payload": {HOSTILE: HOSTILE}, "model": HOSTILE, "ref": HOSTILE_REF}
    console.trigger("morning", "hostile", name=HOSTILE, description=HOSTILE, input=given)
    # Its fire time has passed once the pages are looked at, so its runs are among those that people are shown.
    console.trigger(
        "often", "hostile_fails", name=HOSTILE, schedule={"every": "PT10S"}, input=given, retry={"max_retries": 0}
    )
    asked: dict[str, Any] = {"input": given, "subject": HOSTILE, "retry": {"max_retries": 0}}
    ended = console.run("hostile", **asked | {"subject": f"1{HOSTILE}"})
    failed = console.run("hostile_fails", **asked | {"subject": f"2{HOSTILE}"})
    waiting = console.run("hostile_asks", settled=False, **asked | {"subject": f"3{HOSTILE}"})
    answered = console.run("hostile_asks", settled=False, **asked | {"subject": f"4{HOSTILE}"})
    at_work = console.run("works", settled=False, input={"message": HOSTILE})
    for run in (waiting, answered):
        console.reaches(run["id"], "waiting")
    console.post(f"/runs/{answered['id']}:approve", {"note": HOSTILE})
    console.settled(answered["id"])
    console.reaches(at_work["id"], "running")
    result_of(lambda: console.get("/runs", trigger="often", status="failed")["runs"])
    ids = {"RUN_ENDED": ended, "RUN_FAILED": failed, "RUN_WAITING": waiting, "RUN_AT_WORK": at_work}
    return Furnished(
        console, {name: run["id"] for name, run in ids.items()} | {"KEY": key, "RUN_ANSWERED": answered["id"]}
    )
