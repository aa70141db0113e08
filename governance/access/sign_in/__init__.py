"""How people prove who they are: what Orgwarden adds to django-allauth."""
