"""What moderators set, and which channels are closed to us."""
