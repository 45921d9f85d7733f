"""Commands and their buttons: read the interaction, call one use case, render, send."""
