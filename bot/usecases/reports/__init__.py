"""Recording people's reports, reading the sources, and answering people who ask for the state."""
