"""`lartpc-zoo`: the commands and the text that they print. Nothing else imports it."""
