"""A person's inbox, its bell in the frame, and what the person chose to be told."""
