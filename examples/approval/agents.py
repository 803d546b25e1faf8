"""Sends a letter once somebody has approved it."""

from datetime import timedelta
from typing import Any

import tock


@tock.agent("letter")
async def send_letter(run: tock.RunContext) -> tock.Waiting | dict[str, Any]:
    if run.answer is None:
        question = f"Send this letter? {run.message}"
        return run.request_approval(question, deadline=timedelta(days=1), on_deadline=tock.OnDeadline.REJECT)
    if run.answer.approved:
        # The key is the same in every attempt, so a mail service that knows it sends the letter once.
        run.emit("sent", {"key": run.idempotency_key("send")})
    return {"sent": bool(run.answer.approved), "decided_by": run.answer.by, "note": run.answer.note}
