"""The only way out: what is to be sent waits here, and leaves one call at a time.

queued → sending → sent | failed | unknown. "sending" is committed before a request leaves, so that after a crash what
was on its way is known by name; it becomes "unknown" and is never sent again by itself.
"""
