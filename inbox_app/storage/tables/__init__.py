"""Tables, one module per aggregate. Imported together so that the metadata is complete."""

from inbox_app.storage.tables import environments, inbox, notifications, types, users

__all__ = ["environments", "inbox", "notifications", "types", "users"]
