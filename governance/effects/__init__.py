"""What edits, or two states, newly deny and allow: differences, reach, witnesses."""
