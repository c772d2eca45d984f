"""The command line: building the front end, serving, and what an operator does from a shell."""
