"""Small tools without knowledge of notifications: clock, ids, signing, sealing, gathering."""
