"""Schedules: when cron expressions, intervals and single times fire, also where clocks change."""
