"""Effects of a detector on the hits of an event."""
