"""Networks that someone already trained: their cards, and weights that are what the cards say."""
