"""What a condition compares with, the same for the database and for memory."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from botfolk.db.folding import fold
from botfolk.filters import moments, values
from botfolk.filters.checked import condition as check
from botfolk.filters.checked import function_of
from botfolk.filters.columns import Catalogue, Column
from botfolk.filters.functions import FUNCTIONS, Function
from botfolk.filters.tree import Condition


def read(condition: Condition, catalogue: Catalogue) -> tuple[Column, Function, bool]:
    """Return a condition's column, the function to try, and whether to take the opposite. Raises FilterError: a kept
    filter may name an attribute that is gone, or has another type."""
    column = catalogue.column(condition.column)
    function = function_of(column, condition.function)
    check(catalogue, column, condition.function, condition.values)
    if function.opposite_of is None:
        return column, function, False
    return column, FUNCTIONS[column.kind][function.opposite_of], True


def arguments(
    condition: Condition, column: Column, function: Function, catalogue: Catalogue, now: datetime
) -> list[Any]:
    """Return the values a function's `sql` and `test` are given. Raises FilterError."""
    kept = condition.values
    if function.takes == "length":
        start = moments.since(kept[0], now, catalogue.timezone)
        return [column.given(start), column.given(now)]
    match column.kind:
        case "date":
            whole = function.name == "is"
            stretches = [moments.stretch(each, now, catalogue.timezone, whole_days=whole) for each in kept]
            return [column.given(moment) for each in stretches for moment in each]
        case "number":
            return [column.given(_whole(values.decimal(each))) for each in kept]
        case "yes_no":
            return [each == "yes" for each in kept]
    folded = [fold(column.given(each)) for each in kept]
    return [folded] if function.takes == "many" else list(folded)


def _whole(number: Decimal) -> Decimal | int:
    """Return a whole number as an int, which the database compares without converting its own."""
    return int(number) if number == number.to_integral_value() and abs(number) < 2**62 else number
