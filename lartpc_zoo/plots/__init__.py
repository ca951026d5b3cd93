"""Every figure, and the style that all of them share."""
