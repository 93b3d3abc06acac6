"""What can go wrong with the embedded server."""

_MEND = "Or set BOTFOLK_DATABASE_URL to a PostgreSQL you run yourself."


class EmbeddedError(Exception):
    """The embedded server cannot run; the text says why and how to mend it."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"The embedded PostgreSQL cannot run: {problem.rstrip('.')}. {_MEND}")
