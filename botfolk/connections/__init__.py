"""The Channels page: connect services, see how each fares, and care for what they sent that was not understood."""
