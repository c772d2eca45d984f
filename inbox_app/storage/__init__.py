"""Storage: tables, migrations and one repository module per aggregate.

Repositories take a `Transaction` and domain values and return domain values; rows stay inside.
"""
