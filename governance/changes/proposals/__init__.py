"""Change requests begun from a file, a template or a simulation: what they ask for."""
