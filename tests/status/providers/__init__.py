"""Status pages of each kind, written by us from their documentation."""
