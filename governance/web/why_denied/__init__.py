"""Why denied: paste or fill in a request, and follow the decision to its statement."""
