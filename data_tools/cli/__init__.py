"""Command lines: `lartpc-convert`, and what all commands share."""
