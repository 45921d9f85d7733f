"""Data written by people (services, guides, phrases, translations), and the code that reads and checks it."""
