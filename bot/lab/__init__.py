"""Tools for operators: they run exported data through the product's rules."""
