"""Which principals people use, and which programs: classed with the reason in words."""
