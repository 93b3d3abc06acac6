"""Live updates: NOTIFY to SSE."""
