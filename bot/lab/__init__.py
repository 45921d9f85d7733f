"""Tools for operators that replay exports through the product's rules."""
