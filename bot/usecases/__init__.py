"""What the product does: one verb a file, a small class that is given its ports."""
