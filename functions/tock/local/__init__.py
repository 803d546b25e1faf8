"""Tock on one machine: the emulators, the ticker and the identity that `tock dev` runs."""
