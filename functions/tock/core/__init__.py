"""The rules: values in, values out; no I/O, clock, environment or randomness."""
