"""The home screen: what is known, how fresh it is, what changed, what needs somebody."""
