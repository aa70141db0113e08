"""Taking back what was applied: by a new request, or by itself at the end of a temporary change."""
