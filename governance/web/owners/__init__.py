"""The screens of owners, labels and their gaps."""
