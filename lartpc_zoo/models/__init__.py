"""Networks: a specification as data, the tables of the families, and the one builder."""
