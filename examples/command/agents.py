"""The agents of this project, and when they run."""

import tock

count = tock.agent("count", kind="command", config={"command": "count"})

tock.trigger("every-minute", count, tock.every("1m"), message="three little words")
