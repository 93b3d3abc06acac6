"""Users as files: of a filter, with chosen columns, in the forms people and programs read."""
