"""Reports of people, the looks at the sources, and the answer to who asks."""
