"""Messenger, by Meta's Messenger Platform. Instagram speaks the same and differs in a few data (`platform.py`)."""
