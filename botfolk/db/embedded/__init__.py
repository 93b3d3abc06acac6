"""The PostgreSQL that Botfolk brings along and runs under its data folder, when no other is configured."""

from botfolk.db.embedded.errors import EmbeddedError
from botfolk.db.embedded.server import Embedded, start

__all__ = ["Embedded", "EmbeddedError", "start"]
