"""The only home of Pillow: charts become pictures."""
