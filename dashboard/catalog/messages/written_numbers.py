"""Numbers as YAML reads them, so that what a message says to write is accepted and is the same number."""

from __future__ import annotations

import math
import re
from decimal import Decimal, InvalidOperation

_LONGEST = 18  # digits of a plain whole number that the catalogue takes
_FIGURE = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,4})?", re.ASCII)


def yaml_number(given: str | float) -> str | None:
    """How a number is written in the catalogue; None where the text is no number, or none that can be kept exactly.

    `4e6` and `1e-07` are text to YAML, which wants a point and a sign: `4000000`, `0.0000001`, `1.0e+300`.
    """
    text = given.strip() if isinstance(given, str) else repr(given)
    if not _FIGURE.fullmatch(text):
        return None
    try:
        exact = Decimal(text)
    except InvalidOperation:
        return None
    number = float(exact)
    if not math.isfinite(number) or (number == 0) != (exact == 0):
        return None
    return _plain(exact) or _with_exponent(number)


def _plain(exact: Decimal) -> str:
    """Without an exponent; "" where that would be long."""
    if exact == 0:
        return "0"
    if exact.adjusted() >= _LONGEST or int(exact.as_tuple().exponent) < -2 * _LONGEST:
        return ""
    text = f"{exact:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if len(text) <= 2 * _LONGEST else ""


def _with_exponent(number: float) -> str:
    mantissa, mark, exponent = repr(number).partition("e")
    mantissa = mantissa if "." in mantissa else f"{mantissa}.0"
    return f"{mantissa}{mark}{exponent}"
