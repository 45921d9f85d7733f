"""How interactions are routed and answered."""
