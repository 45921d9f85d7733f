"""Mutation testing: change one thing in a copy of the code, and check whether a test fails."""
