"""The local identity: the tokens that stand in for Google's, and the key of the tokens of runs."""
