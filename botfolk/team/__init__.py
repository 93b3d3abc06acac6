"""Members, sign-in, roles and API tokens."""
