"""The only home of SQLAlchemy: tables, engines, the group-commit writer, one store a concept."""
