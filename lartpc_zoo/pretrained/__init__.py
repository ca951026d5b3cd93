"""Published networks: cards, verified weights, publishing, archives, export."""
