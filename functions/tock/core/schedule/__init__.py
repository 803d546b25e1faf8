"""Schedules: when cron expressions, intervals and single instants fire, clock changes included."""
