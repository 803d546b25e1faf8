"""The local stack: starts and stops the emulators, the functions and the ticker together."""
