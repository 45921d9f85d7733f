"""Rules and values. Nothing here waits, reads a clock, uses randomness or knows Discord."""
