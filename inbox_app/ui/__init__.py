"""What people see: Reflex pages, components and states."""
