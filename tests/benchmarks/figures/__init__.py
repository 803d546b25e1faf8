"""The benchmarks: each module measures the figures of one table, by its `measure`."""
