"""From an accepted send to what is stored and delivered."""
