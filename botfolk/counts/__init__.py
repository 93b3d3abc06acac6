"""Who is in a filter, from memory: an index of a bot's users that stands exactly at a moment of the database."""
