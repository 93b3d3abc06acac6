"""Users: the profile and the one way to change it."""
