"""Page objects: every selector lives here."""
