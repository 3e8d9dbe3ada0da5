"""Writes numbers as YAML reads them back, so that following the advice of a message gives the same number."""

from __future__ import annotations

import math
import re
from decimal import Decimal, InvalidOperation

_MOST_DIGITS = 18  # of a plain whole number that the catalogue accepts
_FIGURE = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,4})?", re.ASCII)


def yaml_number(number: str | float) -> str | None:
    """A number as it is written in the catalogue; None where the text is no number that a float can represent.

    `4e6` and `1e-07` are text to YAML, which requires a point and a sign: `4000000`, `0.0000001`, `1.0e+300`.
    """
    text = number.strip() if isinstance(number, str) else repr(number)
    if not _FIGURE.fullmatch(text):
        return None
    try:
        exact = Decimal(text)
    except InvalidOperation:
        return None
    value = float(exact)
    if not math.isfinite(value) or (value == 0) != (exact == 0):
        return None
    return _without_exponent(exact) or _with_exponent(value)


def _without_exponent(exact: Decimal) -> str:
    """The number without an exponent; "" where that would be long."""
    if exact == 0:
        return "0"
    if exact.adjusted() >= _MOST_DIGITS or int(exact.as_tuple().exponent) < -2 * _MOST_DIGITS:
        return ""
    text = f"{exact:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if len(text) <= 2 * _MOST_DIGITS else ""


def _with_exponent(number: float) -> str:
    mantissa, mark, exponent = repr(number).partition("e")
    mantissa = mantissa if "." in mantissa else f"{mantissa}.0"
    return f"{mantissa}{mark}{exponent}"
