"""The pages of runs: the list, what is done with several at once, one run."""
