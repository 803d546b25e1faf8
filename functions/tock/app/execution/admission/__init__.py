"""Whether a run may start now: its overlap policy, the slots of its limits, and how late it may be."""
