"""How the demo fails."""


class DemoFailed(Exception):
    """The demo did not show what it promises; the message says what was missing."""
