"""The local stack: emulators, functions and ticker, started together and stopped together."""
