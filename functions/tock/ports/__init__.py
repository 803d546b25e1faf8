"""The ports: the contracts that the use cases call and that the adapters keep."""
