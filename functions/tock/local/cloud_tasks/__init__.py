"""The Cloud Tasks emulator: a server that implements the Cloud Tasks API and delivers tasks over HTTP."""
