"""When changes may be applied: windows and freezes, and the calendar that shows them."""
