"""Work that runs apart from a request, kept in PostgreSQL: it exists exactly if the change that asked for it does."""

from botfolk.jobs.defer import Job, defer, defer_all
from botfolk.jobs.worker import Worker

__all__ = ["Job", "Worker", "defer", "defer_all"]
