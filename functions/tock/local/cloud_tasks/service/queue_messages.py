"""Converts queues from and to the API's messages."""

from datetime import timedelta
from typing import Any

from google.cloud import tasks_v2
from google.protobuf.field_mask_pb2 import FieldMask

from tock.local.cloud_tasks.errors import InvalidFieldError, NotEmulatedError
from tock.local.cloud_tasks.names import queue_name
from tock.local.cloud_tasks.queue import Queue
from tock.local.cloud_tasks.rate_limits import RateLimits
from tock.local.cloud_tasks.retry_policy import RetryPolicy

_SECTIONS = {"retry_config": "retry", "rate_limits": "rates", "stackdriver_logging_config": "log_sampling_ratio"}
#: Fields that a request may contain but not change.
_OUTPUT_ONLY = frozenset({"name", "state", "purge_time"})
_DOUBLINGS = "retry_config.max_doublings"


def read_queue(message: tasks_v2.Queue, *, doublings_given: bool = False) -> Queue:
    """Return the queue that a request describes; fields that are not set get their defaults.

    A proto3 integer does not show whether 0 was set. In `max_doublings` 0 is a value if `doublings_given`; in every
    other field 0 means not set. Raises InvalidFieldError or NotEmulatedError.
    """
    for part in ("http_target", "app_engine_routing_override"):
        if part in message:
            raise NotEmulatedError(f"queue.{part}")
    logging = message.stackdriver_logging_config if "stackdriver_logging_config" in message else None
    return Queue(
        name=queue_name(message.name, field="queue.name"),
        retry=read_retry(message.retry_config, field="queue.retry_config", doublings_given=doublings_given),
        rates=_read_rates(message.rate_limits),
        log_sampling_ratio=logging.sampling_ratio if logging else None,
    )


def read_retry(message: tasks_v2.RetryConfig, *, field: str, doublings_given: bool = False) -> RetryPolicy:
    """Return the retry policy; fields that are not set get their defaults. Raises InvalidFieldError."""
    given: dict[str, Any] = {}
    if message.max_attempts:
        given["max_attempts"] = message.max_attempts
    if message.max_doublings or doublings_given:
        given["max_doublings"] = message.max_doublings
    raw = tasks_v2.RetryConfig.pb(message)
    for name in ("max_retry_duration", "min_backoff", "max_backoff"):
        if raw.HasField(name):
            span = getattr(raw, name)
            given[name] = timedelta(seconds=span.seconds, microseconds=span.nanos // 1000)
    return RetryPolicy(**given).checked(field=field)


def changed_queue(queue: Queue, *, message: tasks_v2.Queue, mask: FieldMask) -> Queue:
    """Return the queue with the message's values of the masked fields, or of all fields if the mask is empty.

    A masked field that the message does not set gets its default. Raises InvalidFieldError or NotEmulatedError.
    """
    paths = [path for path in mask.paths if path.split(".")[0] not in _OUTPUT_ONLY]
    everything = tasks_v2.Queue.pb(message)
    if not mask.paths or "*" in mask.paths:
        paths = list(_SECTIONS)
    unknown = [path for path in paths if path.split(".")[0] not in _SECTIONS]
    if unknown or not FieldMask(paths=paths).IsValidForDescriptor(everything.DESCRIPTOR):
        raise InvalidFieldError("update_mask", problem=f"{', '.join(unknown or paths)} cannot be updated.")
    merged = tasks_v2.Queue.pb(queue_message(queue))
    for section in {path.split(".")[0] for path in paths if "." in path}:
        getattr(everything, section).SetInParent()
    FieldMask(paths=paths).MergeMessage(everything, merged, replace_message_field=True)
    keeps_doublings = "retry_config" not in paths and (_DOUBLINGS in paths or not queue.retry.max_doublings)
    asked = read_queue(tasks_v2.Queue.wrap(merged), doublings_given=keeps_doublings)
    sections = {_SECTIONS[path.split(".")[0]] for path in paths}
    return queue.model_copy(update={section: getattr(asked, section) for section in sections})


def queue_message(queue: Queue) -> tasks_v2.Queue:
    """Return the queue as the API's message."""
    ratio = queue.log_sampling_ratio
    logging = None if ratio is None else tasks_v2.StackdriverLoggingConfig(sampling_ratio=ratio)
    return tasks_v2.Queue(
        name=queue.name,
        retry_config=tasks_v2.RetryConfig(**queue.retry.model_dump()),
        rate_limits=tasks_v2.RateLimits(
            max_dispatches_per_second=queue.rates.max_dispatches_per_second,
            max_burst_size=queue.rates.max_burst_size,
            max_concurrent_dispatches=queue.rates.max_concurrent_dispatches,
        ),
        state=queue.state.value,
        purge_time=queue.purge_time,
        stackdriver_logging_config=logging,
    )


def _read_rates(message: tasks_v2.RateLimits) -> RateLimits:
    given: dict[str, Any] = {}
    if message.max_dispatches_per_second:
        given["max_dispatches_per_second"] = message.max_dispatches_per_second
    if message.max_concurrent_dispatches:
        given["max_concurrent_dispatches"] = message.max_concurrent_dispatches
    return RateLimits(**given).checked(field="queue.rate_limits")
