"""Every card in every state: as pictures, measured on a phone's width, and held to the limits."""
