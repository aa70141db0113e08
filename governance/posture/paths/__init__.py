"""How far somebody gets: reach over the edges of trust, forward and back."""
