"""Values and rules. Standard library only: no framework, no database, no network."""
