"""The configuration of an http agent as JSON Schema, for the OpenAPI document."""

from typing import Any

from tock.core.run.gate import LONGEST_WAIT, SHORTEST_WAIT
from tock.core.time.duration import duration_schema, duration_text
from tock.executors.earlier_runs import PREVIOUS_SCHEMA
from tock.executors.http.answer_time import DEFAULT_DEADLINE, Answers
from tock.executors.http.answers.member import MAX_PATH, PATH_PATTERN
from tock.executors.http.answers.success_condition import LARGEST_EQUALS, MAX_EQUALS
from tock.executors.http.own_triggers import OwnTriggers
from tock.executors.outbound.schemas import AUTH, HEADERS, SECRET
from tock.executors.stated_usage import FIELDS

#: The pattern of the URLs, of which the guard says more.
_URL: dict[str, Any] = {
    "type": "string",
    "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://",
    "maxLength": 2048,
    "format": "agent-url",
}
_PATH: dict[str, Any] = {"type": "string", "pattern": PATH_PATTERN, "maxLength": MAX_PATH}
CONFIG_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "The configuration of an agent of kind http.",
    "properties": {
        "url": {
            **_URL,
            "description": "An https URL with a public host; TOCK_ALLOWED_HOSTS lists exceptions.",
            "examples": ["https://agents.example.com/run"],
        },
        "secret": {"anyOf": [SECRET, {"type": "null"}], "description": "The secret that signs each request."},
        "auth": AUTH,
        "headers": HEADERS,
        "answers": {
            "type": "string",
            "enum": list(Answers),
            "default": Answers.NOW.value,
            "description": "`callback`: the agent may answer 202, and call back with the run's token.",
        },
        "deadline": {
            **duration_schema(minimum=SHORTEST_WAIT, maximum=LONGEST_WAIT),
            "default": duration_text(DEFAULT_DEADLINE),
            "description": "How long the agent may take to call back after a 202.",
        },
        "own_triggers": {
            "type": "string",
            "enum": list(OwnTriggers),
            "default": OwnTriggers.NONE.value,
            "description": "What the agent may do with its own triggers by the run's token: `list` them, or `manage` "
            "them: also create further ones, and delete those that it created.",
        },
        "success": {
            "type": ["object", "null"],
            "properties": {
                "path": {
                    **_PATH,
                    "description": "The dotted path of a member of the answer.",
                    "examples": ["status"],
                },
                "equals": {
                    "anyOf": [
                        {"type": "string", "maxLength": MAX_EQUALS},
                        {"type": "number", "minimum": -LARGEST_EQUALS, "maximum": LARGEST_EQUALS},
                        {"type": ["boolean", "null"]},
                    ]
                },
            },
            "required": ["path", "equals"],
            "additionalProperties": False,
            "description": "What the answer must say; an answer that does not fails as `unsuccessful`.",
        },
        "usage": {
            "type": ["object", "null"],
            "properties": dict.fromkeys(FIELDS, _PATH),
            "minProperties": 1,
            "additionalProperties": False,
            "description": "Where the answer says what was consumed: the dotted path of each member.",
            "examples": [{"input_tokens": "usage.prompt_tokens", "output_tokens": "usage.completion_tokens"}],
        },
        "cancel_url": {
            "anyOf": [_URL, {"type": "null"}],
            "description": "Where Tock tells the agent to stop an attempt.",
        },
        "steer_url": {
            "anyOf": [_URL, {"type": "null"}],
            "description": "Where Tock hands on messages to the agent while an attempt is at work.",
        },
        "previous": PREVIOUS_SCHEMA,
    },
    "required": ["url"],
    "additionalProperties": False,
}
