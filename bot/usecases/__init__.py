"""The actions of the product: one verb per file, each a small class that gets its ports as arguments."""
