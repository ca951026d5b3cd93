"""Table 2: what networks cost in memory and time."""
