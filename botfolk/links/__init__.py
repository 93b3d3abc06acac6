"""Tracked links: what is sent out holds the user's own short addresses; opening one is a click."""
