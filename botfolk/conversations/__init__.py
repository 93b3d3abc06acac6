"""Messages, sessions, pause, links and clicks."""
