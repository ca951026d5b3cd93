"""From finished runs to a report: tables, figures, what they say of the networks, and one HTML page."""
