"""Instagram's conversations, by Meta's Messenger Platform: `botfolk/channels/messenger` with other data."""
