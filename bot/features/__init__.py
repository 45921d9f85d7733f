"""The features. Each module builds one, with its commands and listeners for a client and its background jobs."""
