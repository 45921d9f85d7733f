"""The only user of SQLAlchemy: tables, engines, the group-commit writer, and one store per concept."""
