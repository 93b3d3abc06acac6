"""Search everything: users, pages, actions."""
