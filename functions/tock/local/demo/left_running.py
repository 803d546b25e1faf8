"""The stack, left running until somebody stops it, with or without the demonstration's triggers."""

import json
from collections.abc import Callable
from pathlib import Path

from tock.local.demo.stage import Stage, create_unless_there, staged
from tock.local.demo.triggers import PROJECT, lasting_triggers


async def run_until_stopped(
    *, data: Path, source: Path, fresh: bool, repository: Path | None, log: Callable[[str, str], None]
) -> str:
    """Return why the stack ended; while it runs, `stack.json` in its data folder says where it answers.

    With a `repository` the demonstration's triggers are created; what is there already is kept. Raises LocalError when
    a part cannot be started.
    """
    whereabouts = data / "stack.json"
    async with staged(data=data, source=source, log=log, fresh=fresh, with_agents=repository is not None) as stage:
        if repository is not None:
            for trigger in lasting_triggers(repository=str(repository)):
                await create_unless_there(stage.api, "/triggers", trigger)
        whereabouts.write_text(json.dumps({"api": stage.stack.urls["api"].rstrip("/"), "project": PROJECT}))
        for line in _directions(stage, data=data):
            log("stack", line)
        try:
            return await stage.stack.wait()
        finally:
            whereabouts.unlink(missing_ok=True)


def _directions(stage: Stage, *, data: Path) -> list[str]:
    urls = stage.stack.urls
    return [
        f"API        {urls['api']}v1/projects/{PROJECT}",
        *(f"{name:<10} {urls[name]}" for name in ("trigger", "retry", "tick", "run")),
        f"Firestore  {stage.stack.firestore}    Cloud Tasks  {stage.stack.cloud_tasks}    data  {data}",
        f"In another terminal here: tock triggers list, tock runs list, tock --project {PROJECT} agents list",
        "Ctrl-C stops everything; what is stored is kept.",
    ]
