"""From a webhook's events to one committed transaction."""
