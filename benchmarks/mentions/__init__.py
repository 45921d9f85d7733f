"""The mention detector: what it learns from, how it is trained, how good and how fast it is."""
