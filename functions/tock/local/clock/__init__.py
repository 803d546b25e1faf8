"""The clock of a stack: ticks each minute, and moves of the clock with everything that happens on the way."""
