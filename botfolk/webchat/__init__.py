"""Where visitors of web pages talk to a bot: their side of the web chat."""
