"""What a control of the form takes."""

from enum import StrEnum


class Kind(StrEnum):
    """What a control takes."""

    #: One line of text.
    LINE = "line"
    #: Text of several lines.
    LINES = "lines"
    #: A whole number.
    NUMBER = "number"
    #: A length such as `15m`.
    LENGTH = "length"
    #: A local time in the reader's zone.
    TIME = "time"
    #: A JSON object.
    OBJECT = "object"
    #: Pairs such as `team=shop`, one a line.
    PAIRS = "pairs"
    #: Words, one a line.
    WORDS = "words"
    #: Yes or no.
    SWITCH = "switch"
    #: One of several.
    CHOICE = "choice"
