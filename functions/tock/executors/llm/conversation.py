"""One attempt of an llm agent: a conversation with its model, from the run's message to a result.

This file imports pydantic-ai; the executor imports it when the first attempt begins.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from pydantic_ai import Agent, DeferredToolRequests, DeferredToolResults, ModelRetry, StructuredDict, ToolDenied
from pydantic_ai.exceptions import UserError
from pydantic_ai.messages import ModelMessage, repair_messages
from pydantic_ai.models import Model
from pydantic_ai.run import AgentRun
from pydantic_ai.settings import ModelSettings
from pydantic_ai.toolsets import AbstractToolset
from pydantic_ai.usage import UsageLimits

from tock.core.errors import InvalidArgument
from tock.core.json.schema import misfits
from tock.core.run.events.event_kind import EventKind
from tock.core.run.messages.signal import SignalKind
from tock.core.run.outcome import AgentOutcome, Failed, Succeeded
from tock.core.schedule.schedule_text import local_time_text
from tock.executors.earlier_runs import previous_runs
from tock.executors.llm.config import output_schema
from tock.executors.llm.failure import failure_of
from tock.executors.llm.history import asked_last, is_of, messages_of
from tock.executors.llm.model import open_model, own_hosts
from tock.executors.llm.run_events import RunEvents
from tock.executors.llm.save import save_session, save_step, save_unfinished, save_waiting
from tock.executors.llm.toolsets import Servers, open_servers
from tock.executors.messages import next_messages
from tock.executors.shield import shielded
from tock.ports.executor import RunContext

if TYPE_CHECKING:
    from tock.executors.llm.executor import LlmExecutor

#: How often a model may correct a result that does not fit, or a tool call.
_CORRECTIONS = 2
#: How many model requests an attempt makes at most, unless its agent has a limit.
_REQUESTS = 50
#: How many characters of a tool call's arguments a question quotes.
_QUOTED = 1_000


async def converse(executor: "LlmExecutor", config: Mapping[str, Any], context: RunContext) -> AgentOutcome:
    """Return the outcome of one attempt whose configuration is valid.

    1. Open the model and the tools.
    2. Begin with the run's message, in its session if it has one; or go on with the answer that the leg before waited
       for.
    3. Pass on the messages that people send meanwhile, each before the next request to the model.
    4. Save the conversation after each call of tools.
    5. Succeed with the result, or wait for an approval; save the conversation, also if the attempt fails or is stopped.
    """
    name = context.model or config["model"]
    try:
        async with AsyncExitStack() as stack:
            servers = await open_servers(executor, config, context, stack=stack)
            agent = _agent(
                config,
                context,
                model=await _model(executor, config, context, name=name, stack=stack),
                toolsets=servers.toolsets,
            )
            await stack.enter_async_context(agent)
            begun = await stack.enter_async_context(_ending(servers, context))
            return await _run(agent, config, context, events=RunEvents(context, model=name), begun=begun)
    except Exception as exc:  # noqa: BLE001 - whatever a model, a server or a library raises becomes an outcome
        return failure_of(exc)


@asynccontextmanager
async def _ending(servers: Servers, context: RunContext) -> AsyncIterator[list[AgentRun[None, Any]]]:
    """Yield where the conversation is noted; then end all servers and save meanwhile what did not come to its end."""
    begun: list[AgentRun[None, Any]] = []
    ended = stopped = False
    try:
        yield begun
        ended = True
    except asyncio.CancelledError:
        stopped = True
        raise
    finally:
        unfinished = [] if ended else [save_unfinished(run, context, stopped=stopped) for run in begun]
        await shielded(_all_of(servers.close(), *unfinished))


async def _all_of(*work: Coroutine[Any, Any, None]) -> None:
    async with asyncio.TaskGroup() as tasks:
        for each in work:
            tasks.create_task(each)


async def _model(
    executor: "LlmExecutor", config: Mapping[str, Any], context: RunContext, *, name: str, stack: AsyncExitStack
) -> Model:
    provider = (executor.models.providers or {}).get(name.partition(":")[0])
    return await open_model(
        name,
        key=executor.key(config, model=name, project=context.project),
        provider=provider,
        guard=executor.guard(context.project, further=own_hosts(provider)),
        tls=executor.tls,
        stack=stack,
    )


def _agent(
    config: Mapping[str, Any], context: RunContext, *, model: Model, toolsets: list[AbstractToolset[None]]
) -> Agent[None, Any]:
    schema = config.get("output_schema")
    form = None if schema is None else output_schema(schema)
    result: Any = str if form is None else StructuredDict(form, name=form.get("title", "result"))
    agent = Agent[None, Any](
        model,
        output_type=[result, DeferredToolRequests],
        instructions=[*filter(None, [config.get("instructions")]), _about(context)],
        toolsets=toolsets,
        retries=_CORRECTIONS,
        # Tock tries again itself, with a record of each attempt.
        model_settings=ModelSettings(max_retries=0),
    )
    if form is not None:

        @agent.output_validator
        def _(output: Any) -> Any:
            if isinstance(output, DeferredToolRequests):
                return output
            if problems := misfits(output, form):
                raise ModelRetry(f"The result does not fit its schema: {'; '.join(problems)}")
            return output

    return agent


def _about(context: RunContext) -> str:
    """Return what a model cannot know of its run; in a conversation that goes on, each run's own replaces the last."""
    time = local_time_text(context.scheduled_for, time_zone=context.time_zone)
    trigger = "it has no trigger" if context.trigger is None else f"its trigger is {context.trigger}"
    return f"This run is for {time} ({context.time_zone}); {trigger}, and its source is {context.source}."


async def _run(
    agent: Agent[None, Any],
    config: Mapping[str, Any],
    context: RunContext,
    *,
    events: RunEvents,
    begun: list[AgentRun[None, Any]],
) -> AgentOutcome:
    history, waiting, prompt = await _beginning(config, context)
    if not history and prompt is None and not config.get("instructions"):
        message = "There is nothing to do: give the run a message or a payload, or the agent instructions."
        return Failed(type="nothing_to_do", message=message, retryable=False)
    async with agent.iter(
        prompt,
        message_history=history or None,
        deferred_tool_results=_verdicts(context, waiting) if waiting else None,
        usage_limits=_limits(config),
    ) as run:
        begun.append(run)
        steering = asyncio.create_task(_steer(run, context))
        try:
            async for node in run:
                events.count(run)
                if Agent.is_model_request_node(node):
                    await save_step(run, node.request, context)
                    async with node.stream(run.ctx) as requested:
                        async for event in requested:
                            events.report(event)
                elif Agent.is_call_tools_node(node):
                    events.answered(node.model_response)
                    async with node.stream(run.ctx) as called:
                        async for event in called:
                            events.report(event)
        finally:
            events.count(run)
            steering.cancel()
    return await _outcome(run, context)


async def _beginning(
    config: Mapping[str, Any], context: RunContext
) -> tuple[list[ModelMessage], list[str], str | None]:
    """Return the messages so far, the ids of the calls that wait, and what the run says next, or None if nothing."""
    history, waiting = messages_of(context.state)
    if history:
        # An attempt or leg before this one has given the message.
        return history, waiting, None
    saved = None if context.session is None else await context.load_session()
    history, _ = messages_of(saved)
    if is_of(saved, run=context.run):
        return asked_last(history), [], None
    if history:
        # The conversation has the payload already: what is new is the feedback. Calls that came to nothing are closed.
        return repair_messages(history), [], context.message
    return [], [], _prompt(context, previous=await previous_runs(config, context))


async def _outcome(run: AgentRun[None, Any], context: RunContext) -> AgentOutcome:
    if run.result is None:
        return Failed(type="no_result", message="The conversation ended without a result.", retryable=False)
    output = run.result.output
    if not isinstance(output, DeferredToolRequests):
        await save_session(run, context)
        return Succeeded(dict(output) if isinstance(output, Mapping) else output)
    try:
        await save_waiting(run, context, calls=output.approvals)
    except InvalidArgument as exc:
        message = f"The conversation cannot be kept while the run waits for an approval: {exc}"
        return Failed(type="conversation_too_large", message=message, retryable=False)
    asked = [f"{call.tool_name}({_quoted(call.args_as_json_str())})" for call in output.approvals]
    return context.request_approval(f"May the agent call {' and '.join(asked)}?")


def _quoted(arguments: str) -> str:
    return arguments if len(arguments) <= _QUOTED else f"{arguments[:_QUOTED]}…"


def _verdicts(context: RunContext, waiting: list[str]) -> DeferredToolResults:
    """Return the answer of the leg before for each call that waits; no answer refuses them."""
    answer = context.answer
    if answer is not None and answer.approved:
        return DeferredToolResults(approvals=dict.fromkeys(waiting, True))
    note = "" if answer is None else answer.note
    refused = ToolDenied(f"The call was refused. {note}".strip())
    return DeferredToolResults(approvals=dict.fromkeys(waiting, refused))


async def _steer(run: AgentRun[None, Any], context: RunContext) -> None:
    """Give each message to the conversation: a steer to its next request, a follow-up when it would end."""
    while messages := await next_messages(context):
        for message in messages:
            try:
                run.enqueue(message.message, priority="asap" if message.kind == SignalKind.STEER else "when_idle")
            except UserError:
                text = f"The message {message.number} came when the conversation had ended."
                context.host.notice(EventKind.WARNING, {"text": text})


def _prompt(context: RunContext, *, previous: dict[str, Any] | None) -> str | None:
    payload = json.dumps(dict(context.input), ensure_ascii=False, indent=1) if context.input else None
    before = previous and f"Earlier runs ended so:\n{json.dumps(previous, ensure_ascii=False, indent=1)}"
    return "\n\n".join(part for part in (context.message, payload, before) if part) or None


def _limits(config: Mapping[str, Any]) -> UsageLimits:
    limits = config.get("limits") or {}
    return UsageLimits(
        request_limit=limits.get("requests", _REQUESTS),
        input_tokens_limit=limits.get("input_tokens"),
        output_tokens_limit=limits.get("output_tokens"),
        total_tokens_limit=limits.get("total_tokens"),
    )
