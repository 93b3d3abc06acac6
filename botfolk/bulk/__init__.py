"""One action on many users: chosen by hand or by a filter, counted before, done as a job, taken back whole."""
