"""When and where work runs. What there is to do stands in the database alone."""
