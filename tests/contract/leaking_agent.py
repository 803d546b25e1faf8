"""The agent of kind python that says secrets in every way that there is."""

import asyncio
import logging
import sys
from pathlib import Path
from typing import Any

from tock.core.run.outcome import Failed, Usage, WaitFor, Waiting
from tock.ports.executor import RunContext


async def leaks(run: RunContext) -> Any:
    secrets = (await asyncio.to_thread(Path(run.input["file"]).read_text)).splitlines()
    said = " ".join(secrets)
    sys.stdout.write(f"{said}\n")
    sys.stderr.write(f"{said}\n")
    logging.getLogger("contract").warning("I say %s", said)
    for secret in secrets:
        run.emit(secret, {"said": said, secret: [secret]})
        run.usage(input_tokens=1, model=secret)
        run.host.use(Usage(input_tokens=f"more than 8 characters and {secret}"))  # type: ignore[arg-type] # so it is
    await run.save_session([said, {said: said}])
    await run.checkpoint({"said": said})
    match run.message:
        case "fail":
            raise ValueError(said) from KeyError(said)
        case "refuse":
            return Failed(said, said, retryable=False)
        case "wait" if run.answer is None:
            return Waiting(WaitFor.INPUT, question=said)
    return {"said": said, said: secrets}
