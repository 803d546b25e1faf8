"""False statements about one operation each, which the requests must find in a document that is falsified so."""

from collections.abc import Callable
from typing import Any

_AGENT = "/v1/projects/{project}/agents/{agent}"


def _status(document: dict[str, Any]) -> None:
    del document["paths"][_AGENT]["get"]["responses"]["404"]


def _answer(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["AgentResource"]["required"].append("colour")


def _header(document: dict[str, Any]) -> None:
    document["paths"][_AGENT]["get"]["responses"]["200"]["headers"]["ETag"]["schema"] = {"pattern": "^[a-z]+$"}


def _accepted(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["Retry"]["properties"]["max_retries"]["maximum"] = 1_000


def _refused(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["Retry"]["properties"]["max_retries"]["maximum"] = 3


LIES: dict[str, Callable[[dict[str, Any]], None]] = {
    "read_agent never answers 404": _status,
    "an agent has a colour": _answer,
    "an ETag is made of letters": _header,
    "a trigger may retry 1,000 times": _accepted,
    "a trigger may retry 3 times only": _refused,
}
