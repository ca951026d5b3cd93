"""`lartpc-zoo`: the commands and the text that they print. Nothing imports it."""
