"""The policies of a trigger in words."""

from datetime import timedelta

from tock.core.policies import CatchUpMode, Overlap, SessionMode
from tock.core.trigger.trigger import TriggerSpec
from tock.web.console.times import duration_text


def policies_in_words(spec: TriggerSpec) -> tuple[tuple[str, str], ...]:
    """Return the name of each policy, and what it does as a sentence."""
    found = [
        ("Overlap", _overlap(spec)),
        ("Catch-up", _catch_up(spec)),
        ("Retries", _retries(spec)),
        ("Timeout", f"An attempt is stopped after {_length(spec.timeout)}."),
    ]
    if spec.start_deadline is not None:
        late = _length(spec.start_deadline)
        found.append(
            ("Start deadline", f"A run that cannot start within {late} of its fire time is recorded as missed.")
        )
    if spec.progress_every is not None:
        found.append(
            ("Progress", f"An attempt without a sign of progress for {_length(spec.progress_every)} is stopped.")
        )
    if spec.session is SessionMode.CONTINUE:
        found.append(("Conversation", "Each run goes on with the conversation of the run before it."))
    if spec.evidence is not None:
        found.append(("Evidence", _evidence(spec)))
    return tuple(found)


def _overlap(spec: TriggerSpec) -> str:
    begin = "A fire time that comes while an earlier run is active"
    match spec.overlap:
        case Overlap.SKIP:
            return f"{begin} is skipped."
        case Overlap.QUEUE:
            waiting = "1 run waits" if spec.queue_depth == 1 else f"{spec.queue_depth} runs wait"
            return f"{begin} waits for it to end; when {waiting} already, it is skipped."
        case Overlap.REPLACE:
            return f"{begin} cancels that run, and starts when it has ended."
        case Overlap.PARALLEL if spec.max_parallel is not None:
            return f"{begin} starts beside it, up to {spec.max_parallel} at once."
        case _:
            return f"{begin} starts beside it."


def _catch_up(spec: TriggerSpec) -> str:
    window = _length(spec.catch_up.window)
    match spec.catch_up.mode:
        case CatchUpMode.LATEST:
            return f"Of fire times that came too late, only the newest runs, if it is at most {window} late."
        case CatchUpMode.ALL:
            return f"Fire times that came too late run one after another, if they are at most {window} late."
        case _:
            return "Fire times that came more than a minute late are recorded as missed."


def _retries(spec: TriggerSpec) -> str:
    retry = spec.retry
    if retry.max_retries == 0:
        return "None: the first failure ends a run."
    times = "once" if retry.max_retries == 1 else f"up to {retry.max_retries} times"
    ends = "; a run that waits for its retry ends when the next one starts" if retry.give_up_at_next else ""
    return f"After a failure a run is tried again {times}, first after {_length(retry.delay)}{ends}."


def _evidence(spec: TriggerSpec) -> str:
    evidence = spec.evidence
    wanted = []
    if evidence is not None and evidence.output_schema is not None:
        wanted.append("a result that fits its schema")
    if evidence is not None and evidence.events:
        wanted.append(f"events of the kind {', '.join(evidence.events)}")
    if evidence is not None and evidence.min_tokens is not None:
        wanted.append(f"at least {evidence.min_tokens:,} tokens")
    return f"A run succeeds only with {' and '.join(wanted)}." if wanted else "Nothing is asked for."


def _length(value: timedelta) -> str:
    """Return a length that somebody wrote: in whole seconds, mostly."""
    return duration_text(value).replace(".0 s", " s")
