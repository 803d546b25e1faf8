"""Agents behind an Agent2Agent server, on the protocol's official SDK; the extra `a2a` installs it."""
