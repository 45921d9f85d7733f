"""Events from the gateway other than interactions: messages, reactions, servers, permissions."""
