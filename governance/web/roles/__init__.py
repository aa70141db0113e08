"""Who holds which role where, and what that gives."""
