"""The live hub: tells readers that a person's inbox is at a new change number."""
