"""Tables, one module per aggregate. Imported together so that the metadata is complete."""

from inbox_app.storage.tables import (
    address_codes,
    deliveries,
    environments,
    inbox,
    notifications,
    personal,
    preferences,
    receipts,
    searching,
    types,
    users,
)

__all__ = [
    "address_codes",
    "deliveries",
    "environments",
    "inbox",
    "notifications",
    "personal",
    "preferences",
    "receipts",
    "searching",
    "types",
    "users",
]
