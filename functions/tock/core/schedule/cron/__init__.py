"""Cron expressions: their grammar, the local times and fire times that they name, and what they say in words."""
