"""The REST API, version 1: what all of it shares."""
