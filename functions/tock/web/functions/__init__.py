"""The handlers of the functions tick, run, trigger and retry, without FastAPI, which would slow their cold starts."""
