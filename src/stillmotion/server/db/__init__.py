"""The one PostgreSQL: its tables, how they change, and the server that comes along when none is named."""
