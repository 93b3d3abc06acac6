"""Importing users from CSV and XLSX: read, map columns to the profile, rehearse, carry out as a job, undo."""
