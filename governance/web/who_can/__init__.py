"""Who can: an action and a resource, and which principals of which accounts may do it."""
