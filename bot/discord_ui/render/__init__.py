"""Values to cards. Pure: no network, no clock; Discord's limits are kept in `layout`."""
