"""What all tests of the service stand on."""

from databases import connection, database, database_url, postgres_url

__all__ = ["connection", "database", "database_url", "postgres_url"]
