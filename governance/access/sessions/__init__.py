"""Sessions of people who are signed in: how long they last, their list, ending them."""
