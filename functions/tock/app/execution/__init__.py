"""The execution of one attempt, from its delivery to its settlement, and the cancellation of a run."""
