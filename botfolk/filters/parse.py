"""The text of a filter, read: `country = "Malaysia" and (messages > 10 or tag = vip) and not has plan`.

filter    = all-of { "or" all-of }
all-of    = single { "and" single }
single    = "not" single | "(" filter ")" | ("all" | "any") "(" filter { "," filter } ")" | "has" column | condition
condition = column function values            the functions' spellings: words.py; how values are written: values.py
"""

from itertools import takewhile
from typing import NoReturn

from botfolk.filters import tree
from botfolk.filters.checked import condition, function_of, hint_of, kept_value
from botfolk.filters.columns import Catalogue, Column
from botfolk.filters.errors import FilterError, nearest, shortened
from botfolk.filters.functions import FUNCTIONS
from botfolk.filters.moments import UNITS
from botfolk.filters.tokens import Token, tokens
from botfolk.filters.words import JOINERS, LONGEST, SPELLINGS, Spelling, spelled
from botfolk.pages.catalogue import gettext as _

MOST_CHARACTERS = 20_000
MOST_CONDITIONS = 200
DEEPEST = 20
_MOST_WORDS = 4
"""What a column is called on pages has so many words at most."""
_UNITS = {word for unit in ("second", *UNITS) for word in (unit, f"{unit}s")}


def parse(text: str, catalogue: Catalogue) -> tree.Filter:
    """Return the filter a text says; None, everyone, for an empty one. Raises FilterError."""
    if len(text) > MOST_CHARACTERS:
        raise FilterError(_("A filter has at most %s characters.") % MOST_CHARACTERS, MOST_CHARACTERS, 1)
    reader = _Reader(tokens(text), catalogue)
    return None if reader.here.kind == "end" else reader.whole()


class _Reader:
    """Reads piece by piece."""

    def __init__(self, pieces: list[Token], catalogue: Catalogue) -> None:
        self._pieces = pieces
        self._catalogue = catalogue
        self._at = 0
        self._depth = 0
        self._conditions = 0

    @property
    def here(self) -> Token:
        return self._pieces[self._at]

    def _next(self) -> Token:
        token = self.here
        self._at += token.kind != "end"
        return token

    def _take(self, word: str) -> bool:
        found = self.here.word == word
        self._at += found
        return found

    def _follows(self, word: str) -> bool:
        return self._pieces[min(self._at + 1, len(self._pieces) - 1)].word == word

    def whole(self) -> tree.Node:
        found = self._any_of()
        if self.here.kind != "end":
            self._fail(_("“%s” does not belong here.") % shortened(self.here.text), self._why_not_here())
        return found

    def _why_not_here(self) -> str:
        before = self._pieces[self._at - 1]
        if self.here.kind == "word" and before.kind == "word":
            return _("Join conditions by and, or; put a value of several words in quotes.")
        return _("Join conditions by and, or.")

    def _any_of(self) -> tree.Node:
        found = [self._all_of()]
        while self._take("or"):
            found.append(self._all_of())
        return tree.any_of(found)

    def _all_of(self) -> tree.Node:
        found = [self._single()]
        while self._take("and"):
            found.append(self._single())
        return tree.all_of(found)

    def _single(self) -> tree.Node:
        self._depth += 1
        if self._depth > DEEPEST:
            self._fail(_("This is nested too deeply."), _("At most %s levels.") % DEEPEST)
        try:
            if self._take("not"):
                return tree.negated(self._single())
            if self._take("("):
                found = self._any_of()
                self._close()
                return found
            if self.here.word in ("all", "any") and self._follows("("):
                return self._group()
            if self._take("has"):
                return self._has()
            return self._condition()
        finally:
            self._depth -= 1

    def _group(self) -> tree.Node:
        join = tree.all_of if self._next().word == "all" else tree.any_of
        self._next()
        found = [self._any_of()]
        while self._take(","):
            found.append(self._any_of())
        self._close()
        return join(found)

    def _close(self) -> None:
        if not self._take(")"):
            self._fail(_("A parenthesis is not closed."), _("Put ) here."))

    def _has(self) -> tree.Node:
        name = self.here
        column = self._column()
        return self._made(column, Spelling((), "is_set"), [], name)

    def _condition(self) -> tree.Node:
        first = self.here
        column = self._column()
        asked = self._function(column)
        if asked.function == "is_one_of":
            values = self._several(column)
        elif asked.function in ("is_set", "is_not_set"):
            values = []
        elif asked.function == "between":
            values = [self._value(column)]
            if not self._take("and"):
                self._fail(_("“between” takes two values."), _("Write them like 10 and 20."))
            values.append(self._value(column))
        else:
            values = [self._value(column)]
        return self._made(column, asked, values, first)

    def _made(self, column: Column, asked: Spelling, values: list[Token], first: Token) -> tree.Node:
        self._conditions += 1
        if self._conditions > MOST_CONDITIONS:
            self._fail(_("A filter has at most %s conditions.") % MOST_CONDITIONS, None, first)
        try:
            made = condition(self._catalogue, column, asked.function, [value.text for value in values])
        except FilterError as error:
            raise self._placed(error, column, asked, values, first) from None
        return tree.negated(made) if asked.negated else made

    def _placed(
        self, error: FilterError, column: Column, asked: Spelling, values: list[Token], first: Token
    ) -> FilterError:
        """Return an error with the place of the value that is wrong, or of the whole condition."""
        for value in values:
            try:
                function = function_of(column, asked.function)
                kept_value(self._catalogue, column, function, value.text)
            except FilterError:
                return error.at(value.position, value.length)
        last = self._pieces[self._at - 1]
        return error.at(first.position, last.position + last.length - first.position)

    def _column(self) -> Column:
        token = self.here
        if token.kind != "word" or token.word in JOINERS:
            said = shortened(token.text)
            message = _("A column is missing here.") if token.kind == "end" else _("“%s” is no column.") % said
            self._fail(message, self._called() or _("Write a condition like: messages > 10."))
        try:
            column = self._catalogue.column(token.text)
        except FilterError as error:
            hint = self._called() or error.hint
            raise FilterError(error.message, token.position, token.length, hint) from None
        self._next()
        return column

    def _called(self) -> str | None:
        """Return a hint for a column that is named here as pages call it: "Last message at"."""
        ahead = self._pieces[self._at : self._at + _MOST_WORDS]
        words = [token.text.lower() for token in takewhile(lambda token: token.kind in ("word", "quoted"), ahead)]
        for count in range(len(words), 0, -1):
            name = "_".join(" ".join(words[:count]).split())
            if self._catalogue.has(name):
                return _("Did you mean “%s”?") % name
        return None

    def _function(self, column: Column) -> Spelling:
        ahead = self._pieces[self._at : self._at + LONGEST]
        asked = spelled(tuple(token.word for token in ahead))
        if asked is None:
            words = [" ".join(each.words) for each in SPELLINGS if each.function in FUNCTIONS[column.kind]]
            known = nearest(" ".join(token.text for token in ahead[:2]), words) or nearest(self.here.text, words)
            hint = _("Did you mean “%s”?") % known if known else hint_of(column.kind)
            if self.here.kind == "end":
                self._fail(_("What of “%s”? A function and a value are missing.") % column.name, hint_of(column.kind))
            self._fail(_("“%s” is no function.") % shortened(self.here.text), hint)
        if asked.function not in FUNCTIONS[column.kind]:
            last = ahead[len(asked.words) - 1]
            length = last.position + last.length - ahead[0].position
            message = _("“%(function)s” cannot be asked of “%(column)s”.")
            said = {"function": " ".join(asked.words), "column": column.name}
            raise FilterError(message % said, ahead[0].position, length, hint_of(column.kind))
        self._at += len(asked.words)
        return asked

    def _several(self, column: Column) -> list[Token]:
        if not self._take("("):
            self._fail(_("Several values stand in parentheses."), _('Write them like ("Malaysia", "Singapore").'))
        values = [self._value(column)]
        while self._take(","):
            values.append(self._value(column))
        self._close()
        return values

    def _value(self, column: Column) -> Token:
        """Read a value; a number with its unit, or a date of several words, as one."""
        token = self.here
        if token.kind not in ("word", "quoted") or token.word in JOINERS:
            hint = _("Put quotes around it, if it is one.") if token.word in JOINERS else None
            self._fail(_("The value is missing here."), hint)
        self._next()
        if token.kind == "quoted" or column.kind not in ("date", "number"):
            return token
        while self.here.word in _UNITS or self.here.word == "ago" or (column.kind == "date" and _is_clock(self.here)):
            last = self._next()
            token = Token(
                "word", f"{token.text} {last.text}", token.position, last.position + last.length - token.position
            )
        return token

    def _fail(self, message: str, hint: str | None, token: Token | None = None) -> NoReturn:
        token = token or self.here
        raise FilterError(message, token.position, token.length, hint)


def _is_clock(token: Token) -> bool:
    return token.kind == "word" and token.text[:2].isdigit() and token.text[2:3] == ":"
