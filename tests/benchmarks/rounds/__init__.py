"""What the benchmarks repeat in rounds, much of it in processes of their own, and the bare calls beside it."""
