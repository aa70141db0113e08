"""AWS: sessions, clients, pace, and errors in words. Only reads."""
