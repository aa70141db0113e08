"""Who did what, when, to what: a record that is only ever added to."""
