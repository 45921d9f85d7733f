"""The /setup panel: each page with its card and its handlers."""
