"""Web chat: our own channel, on any web page."""
