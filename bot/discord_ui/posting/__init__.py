"""What we send without being asked."""
