"""A server that speaks the Cloud Tasks API on this machine and delivers its tasks over HTTP."""
