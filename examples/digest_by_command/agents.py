"""The agent, a program of commands.json in a repository of repositories.json, and when it runs."""

import tock

digest = tock.agent("digest", kind="command", config={"command": "digest", "repository": "shop"})

tock.trigger("morning", digest, tock.cron("0 9 * * 1-5", "Europe/Berlin"), message="Digest of the shop")
