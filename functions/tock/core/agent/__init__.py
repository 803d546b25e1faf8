"""An agent: what its author writes, what it may use, what its runs must show, and the conversations it goes on with."""
