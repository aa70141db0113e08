"""What trust tells the layers above it, inside its transaction."""

from django.dispatch import Signal

# Edges are worked out, findings from all of them not yet. Sent by `TrustEdge` with `connection`,
# `moment`, when the versions that were written begin, and `now`.
edges_refreshed = Signal()
