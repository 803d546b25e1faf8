"""What the benchmarks run on: emulators, an empty deployment, the local stack, PostgreSQL."""
