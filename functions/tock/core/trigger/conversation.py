"""The conversation that the runs of a trigger go on with, if its policy says so."""

from tock.core.ids.derived import conversation_id
from tock.core.policies import SessionMode
from tock.core.trigger.trigger import Trigger


def with_conversation(trigger: Trigger) -> Trigger:
    """Return the trigger with the id of the conversation of its runs: the one it has, a new one, or none.

    A new one is named after the generation that begins to continue. So a trigger that takes the id of a deleted one,
    and one that was `new` meanwhile, do not go on with the former conversation.
    """
    if trigger.session is SessionMode.NEW:
        return trigger.model_copy(update={"conversation": None})
    if trigger.conversation is not None:
        return trigger
    begun = conversation_id(project=trigger.project, trigger=trigger.id, generation=trigger.generation)
    return trigger.model_copy(update={"conversation": begun})
