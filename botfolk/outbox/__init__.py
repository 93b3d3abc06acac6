"""The outbox: the only way out."""
