"""Runs on request: start a run now, retry one, cancel one."""
