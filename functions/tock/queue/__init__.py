"""The queue in Cloud Tasks: the adapter that creates tasks."""
