"""Which runs may work at once: the overlap policy, locks, slots, and the turns of late runs."""
