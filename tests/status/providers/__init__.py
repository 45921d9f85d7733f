"""Status pages of each kind, recorded by us from the documented shapes."""
