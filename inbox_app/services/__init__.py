"""What an end user, an API client or an operator can do or see; one call is one transaction."""
