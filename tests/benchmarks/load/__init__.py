"""What Tock works on in a benchmark: agents, a model that takes its time, triggers, and a clock that is ahead."""
