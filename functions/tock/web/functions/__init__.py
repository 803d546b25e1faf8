"""The functions tick, run, trigger and retry: HTTP without the weight of FastAPI."""
