"""What is asked for, agreed to by owners, holds until a day and ends: contracts, exceptions."""
