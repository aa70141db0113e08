"""Changes that other tools make: the approved plan as files, and whether AWS holds it by now."""
