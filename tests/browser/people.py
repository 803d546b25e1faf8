"""The agents that people meet in the browser: one for each thing that a page has to show."""

from typing import Any

import anyio

import tock


@tock.agent
async def quick(run: tock.RunContext) -> Any:
    """Succeed at once, with what it was given."""
    run.emit("progress", {"step": "done"})
    return {"said": run.message or "nothing", "input": dict(run.input), "model": run.model}


@tock.agent
async def fails(run: tock.RunContext) -> str:
    """Raise, with a traceback, unless it is asked for a good model."""
    run.emit("progress", {"step": "looks for the price"})
    if run.model == "good-model":
        return "the good model knew it"
    prices: dict[str, str] = {"coffee": "2.50"}
    return prices["tea"]


@tock.agent
async def works(run: tock.RunContext) -> str:
    """Work until it is told something, and say what it was told."""
    print("the work has begun")  # noqa: T201 - what an agent prints is shown too
    run.emit("progress", {"step": "waits to be told"})
    told = await run.messages()
    return f"was told: {told[0].message}"


@tock.agent
async def asks(run: tock.RunContext) -> Any:
    """Ask for an approval, and say how that was answered."""
    if run.answer is None:
        return run.request_approval("Publish it?")
    return {"approved": run.answer.approved, "note": run.answer.note}


@tock.agent
async def chatty(run: tock.RunContext) -> str:
    """Say as many things as the message says, a thousand a second."""
    for number in range(int(run.message or "100")):
        run.emit("progress", {"line": number})
        if number % 100 == 99:
            await anyio.sleep(0.1)
    return "said it all"


@tock.agent
async def spends(run: tock.RunContext) -> str:
    """Report what it consumed."""
    run.usage(input_tokens=9, output_tokens=1, cost=0.25, model="home-made")
    return "spent"


@tock.agent
async def talks(run: tock.RunContext) -> list[Any]:
    """Go on with a conversation, which costs something each time, and say all turns."""
    turns = [*(await run.load_session() or []), run.message]
    await run.save_session(turns)
    run.usage(input_tokens=9, output_tokens=1, cost=0.25, model="home-made")
    return turns


@tock.agent
async def hostile(run: tock.RunContext) -> Any:
    """Put what it was told into everything that a page shows of a run, and end well."""
    text = run.message or ""
    print(text)  # noqa: T201 - what an agent prints is shown too
    run.emit(text[:64], {text: text})
    run.emit("message", text)
    run.emit("progress", {"step": text, "tool": text})
    run.usage(input_tokens=1, output_tokens=1, model=text[:100])
    return {text: [text]}


@tock.agent
async def hostile_fails(run: tock.RunContext) -> None:
    """Fail with what it was told."""
    raise ValueError(run.message)


@tock.agent
async def hostile_asks(run: tock.RunContext) -> Any:
    """Ask what it was told."""
    return run.request_approval(run.message or "") if run.answer is None else run.answer.note
