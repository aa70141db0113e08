"""`manage.py seed_scale`."""
