"""The queue in Cloud Tasks."""
