"""Tock on one machine: the emulators, the ticker and the local identity, which `tock dev` runs."""
