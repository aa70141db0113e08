"""The Trust screen: crossings, the explorer, one edge, and trust within accounts."""
