"""Channels: one folder a messaging service, behind one contract."""
