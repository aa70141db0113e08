"""What one policy does where it is attached: whom it reaches, and what each part of it changes."""
