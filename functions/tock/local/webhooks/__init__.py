"""Receives webhooks on this machine, for people who write agents behind HTTP."""
