"""The only package that uses Pillow: draws charts as pictures."""
