"""The agents of this project, and when they run."""

import tock

review = tock.agent("review", kind="http", config={"url": "http://localhost:9000/"})

tock.trigger("every-minute", review, tock.every("1m"), message="Please read this")
