"""Detection rules: what a file says, how it is read and checked, and the shipped library."""
