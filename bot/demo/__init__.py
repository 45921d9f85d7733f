"""`make demo`: the whole bot in a local page that looks like Discord, with a scripted story."""
