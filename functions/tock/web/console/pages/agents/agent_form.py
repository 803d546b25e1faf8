"""The form of an agent: the agent that its fields mean, and the texts that an agent has in its fields."""

from collections.abc import Mapping

from tock.core.agent.agent import AgentSpec
from tock.core.agent.evidence import Evidence
from tock.core.time.duration import duration_text
from tock.web.console.forms.form import Form
from tock.web.console.forms.written import json_text, json_value, labels, labels_text, optional_text, whole_number
from tock.web.requests import parse
from tock.web.resources.agent import NewAgent

FIELDS = (
    *("id", "name", "description", "kind", "config", "enabled", "concurrency", "progress_every", "labels"),
    *("evidence.output_schema", "evidence.events", "evidence.min_tokens"),
)


def written_agent(form: Form) -> NewAgent:
    """Return the agent that the form means. Raises InvalidArgument, InvalidRequest."""
    config = json_value(form, "config")
    return parse(
        NewAgent,
        {
            "id": optional_text(form, "id"),
            "name": optional_text(form, "name"),
            "description": form.text("description"),
            "kind": form.text("kind").strip(),
            "config": {} if config is None else config,
            "enabled": "enabled" in form,
            "concurrency": whole_number(form, "concurrency"),
            "progress_every": optional_text(form, "progress_every"),
            "labels": labels(form, "labels"),
            "evidence": _evidence(form),
        },
    )


def texts_of(agent: AgentSpec) -> Mapping[str, str]:
    """Return what the fields of the form hold for this agent."""
    evidence = agent.evidence or Evidence()
    return {
        "name": agent.name or "",
        "description": agent.description,
        "kind": agent.kind,
        "config": json_text(agent.config),
        "enabled": "on" if agent.enabled else "",
        "concurrency": _number_text(agent.concurrency),
        "progress_every": "" if agent.progress_every is None else duration_text(agent.progress_every),
        "labels": labels_text(agent.labels),
        "evidence.output_schema": "" if evidence.output_schema is None else json_text(evidence.output_schema),
        "evidence.events": "\n".join(evidence.events),
        "evidence.min_tokens": _number_text(evidence.min_tokens),
    }


def typed_texts(form: Form) -> Mapping[str, str]:
    """Return what the fields of a form hold that was sent."""
    return {name: form.text(name) for name in FIELDS}


def _evidence(form: Form) -> dict[str, object] | None:
    asked = {
        "output_schema": json_value(form, "evidence.output_schema"),
        "events": [kind.strip() for kind in form.text("evidence.events").split("\n") if kind.strip()],
        "min_tokens": whole_number(form, "evidence.min_tokens"),
    }
    # An empty schema, which everything fits, asks for nothing, but its author wrote it.
    return None if asked == {"output_schema": None, "events": [], "min_tokens": None} else asked


def _number_text(number: int | None) -> str:
    return "" if number is None else str(number)
