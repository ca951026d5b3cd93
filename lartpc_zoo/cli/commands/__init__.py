"""The commands of `lartpc-zoo`, by what they are for."""
