"""The features: each module builds one from what it needs, and says what it adds to a client and to the background."""
