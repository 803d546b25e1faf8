"""The rules of Tock as pure functions on values: no I/O, clock, environment or randomness."""
