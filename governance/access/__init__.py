"""People, their rights, and the tokens of programs."""
