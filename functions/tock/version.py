"""The version of this release, as the wheel, every answer of a server, and the client say it."""

VERSION = "0.2.0.dev0"
