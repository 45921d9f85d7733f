"""Rules and values. Nothing here waits, reads a clock, rolls dice or knows Discord."""
