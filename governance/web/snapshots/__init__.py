"""The screen of two dates side by side."""
