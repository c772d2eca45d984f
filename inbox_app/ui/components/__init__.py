"""What a person works with: the parts of a page, as functions and React wrappers."""
