"""Every card in every state: its pictures, its height on a phone, and its limits."""
