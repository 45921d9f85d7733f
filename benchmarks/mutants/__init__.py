"""Mutation testing: change one thing in a copy of the code, and see whether a test fails."""
