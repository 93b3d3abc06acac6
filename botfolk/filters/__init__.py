"""One language for people: a filter as text, as a tree, as a builder's rows; for the database and for memory.

    catalogue = await load_catalogue(connection, bot_id)
    filter = parse('country = "Malaysia" and messages > 10', catalogue)
    found = where(filter, catalogue, now)          # an expression over u (users) and s (user_stats), and its parameters
    match(filter, person, now, catalogue)

None is the filter of everyone. Whatever cannot be understood raises FilterError: nothing is ever left out in silence.
"""

from botfolk.filters.catalogue import load_catalogue
from botfolk.filters.columns import Catalogue
from botfolk.filters.errors import FilterError
from botfolk.filters.match import Why, match, why
from botfolk.filters.parse import parse
from botfolk.filters.person import Person, load_people
from botfolk.filters.rows import from_rows, to_rows
from botfolk.filters.tree import Filter
from botfolk.filters.where import Where, where
from botfolk.filters.write import write

__all__ = [
    "Catalogue", "Filter", "FilterError", "Person", "Where", "Why", "from_rows", "load_catalogue",
    "load_people", "match", "parse", "to_rows", "where", "why", "write",
]  # fmt: skip
