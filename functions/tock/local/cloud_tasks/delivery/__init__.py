"""The delivery of tasks: starts attempts, sends their HTTP requests, and retries or removes the tasks."""
