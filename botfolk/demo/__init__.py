"""Believable people and months of conversation, for looking around."""
