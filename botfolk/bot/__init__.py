"""The bot: its Personality and what it decides to answer."""
