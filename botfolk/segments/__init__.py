"""Segments: saved filters with live counts, who is in each, and who entered and left."""
