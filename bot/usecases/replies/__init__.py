"""Auto-replies: which messages get one, and which replies were wrong."""
