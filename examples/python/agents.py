"""The agents of this project, and when they run."""

import tock


@tock.agent
async def hello(run: tock.RunContext) -> str:
    """Greet whoever the message names."""
    run.emit("progress", {"greeting": run.message})
    return f"Hello, {run.message}!"


tock.trigger("every-minute", hello, tock.every("1m"), message="World")
