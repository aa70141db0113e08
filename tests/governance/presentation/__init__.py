"""What page and endpoint say alike."""
