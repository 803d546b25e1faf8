"""A chat: each run is one turn, and a resumed run knows the turns before it."""

import tock


@tock.agent
async def chat(run: tock.RunContext) -> str:
    said = await run.load_session() or []
    said.append(run.message)
    # Here a real chat asks its model, with all that was said.
    await run.save_session(said)
    return f"You said {len(said)} thing{'s' if len(said) > 1 else ''}. First: {said[0]}"
