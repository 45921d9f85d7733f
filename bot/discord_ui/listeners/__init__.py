"""What the gateway tells us besides interactions: messages and reactions."""
