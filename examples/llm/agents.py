"""The agents of this project, and when they run."""

import tock

assistant = tock.agent(
    "assistant",
    kind="llm",
    config={
        # Answers without a network and without a key; `openai:gpt-5.2` and the like need TOCK_MODEL_PROVIDERS.
        "model": "test",
        "instructions": "You plan a working day. Be brief.",
        "limits": {"requests": 5},
    },
)

tock.trigger("morning", assistant, tock.cron("0 9 * * 1-5", "Europe/Berlin"), message="Plan {{scheduled_for_local}}.")
