"""Masking: web addresses without secrets, fit to be printed and stored.

Parts that are named like a secret (`token=`, `user:password@`) are removed. Every other part of a query might be a
secret too, so it is replaced by four letters of its digest, which show whether it has changed: another `dataset=` is
another place, another `token=` is not. Masking is idempotent.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from urllib.parse import unquote

MASK = "***"

_SECRET_NAME = re.compile(
    r"token|secret|passw|passphrase|passcode|credential|signature|session|bearer|jwt|auth(?!or(?!iz))"
    r"|^(?:pass|pwd|pw|pin|sid|otp|sig|psk|ticket|nonce|cookie)$|key$|keyid$|^key(?!word)"
)
_SCHEME = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.-]*:[/\\]+")
_HARMLESS = re.compile(r"[a-z]{1,5}|[A-Z]{1,5}|[0-9]{1,8}|[0-9]{4}-[0-9]{2}(-[0-9]{2})?|false")
_MASKED = re.compile(r"\*\*\*([0-9a-f]{4})?")
_ADDRESS = re.compile(r"(?i:https?)://[^\s\"'<>]*[^\s\"'<>:;,.)\]|]")
_PAIR = re.compile(r"([A-Za-z0-9_.%-]+)(=|%3[Dd])([^\s&;,\"'\])}]+)")
_USER = re.compile(r"[^\s\"'/@]+:[^\s\"'@]*@")
_LIKE_A_SECRET = re.compile(r"(?=[^/]*[0-9])(?=[^/]*[A-Za-z])[A-Za-z0-9+/_=.-]{16,}")


def masked(address: str) -> str:
    """An address, well formed or not, without its secrets."""
    scheme = _SCHEME.match(address)
    head = scheme[0] if scheme else ""
    rest = _without_user(address[len(head) :])
    before, fragment_mark, fragment = rest.partition("#")
    path, query_mark, query = before.partition("?")
    parts = re.split("([&;])", query)
    shown = "".join(part if part in ("&", ";") else _masked_pair(part) for part in parts)
    end = f"#{MASK}" if fragment else fragment_mark
    return f"{head}{_masked_path(path)}{query_mark}{shown}{end}"


def mask_addresses(text: str) -> str:
    """The text with every web address in it masked."""
    return _ADDRESS.sub(lambda found: masked(found[0]), text) if "://" in text else text


def mask_all(text: str) -> str:
    """The message with secrets in typed text masked: web addresses, a bare `token=...`, and `user:password@`."""
    text = mask_addresses(text)
    if "=" in text or "%3" in text:
        text = _PAIR.sub(lambda found: f"{found[1]}{found[2]}{MASK}" if _is_secret(found[1]) else found[0], text)
    return _USER.sub(f"{MASK}@", text) if "@" in text else text


def secrets_in(address: str) -> list[str]:
    """The names of the parts of an address that hold a secret, or look like one."""
    query = address.partition("#")[0].partition("?")[2]
    pairs = [part.partition("=") for part in re.split("[&;]", query) if part]
    named = [name for name, _, value in pairs if value and _is_secret(name)]
    random = [name for name, mark, value in pairs if mark and _LIKE_A_SECRET.fullmatch(value)]
    bare = ["its query" for name, mark, _ in pairs if not mark and _LIKE_A_SECRET.fullmatch(name)]
    path = address.partition("?")[0]
    in_path = ["its path"] if MASK in _masked_path(path.partition("://")[2]) and MASK not in path else []
    fragment = ["its fragment"] if any(_is_secret(one[1]) for one in _PAIR.finditer(address.partition("#")[2])) else []
    return list(dict.fromkeys([*named, *random, *bare, *in_path, *fragment]))


def unmasked(address: str, text: str) -> str | None:
    """The one address in a text whose masked form is `address`; None where none or several match."""
    if MASK not in address:
        return address
    matches = {candidate for candidate in addresses_in(text) if masked(candidate) == address}
    return matches.pop() if len(matches) == 1 else None


def addresses_in(text: str) -> Iterable[str]:
    """The web addresses in a text."""
    return (found[0] for found in re.finditer(r"(?i:https?)://[^\s<>\"'`]+", text))


def _without_user(rest: str) -> str:
    """The address after its scheme, with user name and password masked, also where the address is malformed."""
    start = len(rest) - len(rest.lstrip("/\\"))
    authority = re.split(r"[/\\?#]", rest[start:], maxsplit=1)[0]
    plain = unquote(authority)
    _, colon, port = plain.rpartition(":")
    if "@" in plain:
        return f"{rest[:start]}{MASK}@{plain.rpartition('@')[2]}{rest[start + len(authority) :]}"
    if colon and not port.isdigit() and port and "]" not in port:  # not a port, so perhaps a password with a slash
        if "@" in rest:
            return f"{rest[:start]}{MASK}@{rest.rpartition('@')[2]}"
        return f"{rest[:start]}{authority.partition(':')[0]}:{MASK}{rest[start + len(authority) :]}"
    return rest


def _masked_path(path: str) -> str:
    parts, is_named = [], False
    for part in path.split("/"):
        parts.append(MASK if is_named and part else _masked_segment(part))
        is_named = bool(part) and "." not in part and _is_secret(part)
    return "/".join(parts)


def _masked_segment(segment: str) -> str:
    """`x.csv;jsessionid=5` without the 5; doubly encoded names are recognised too."""
    head, *params = segment.split(";")
    shown = [head, *map(_masked_pair, params)]
    if "%" in head and any(_is_secret(found[1]) for found in _PAIR.finditer(unquote(unquote(head)))):
        shown[0] = MASK
    return ";".join(shown)


def _masked_pair(part: str) -> str:
    name, mark, value = part.partition("=")
    if not mark:
        return _masked_value(part)
    if value and _is_secret(name):
        return f"{name}={MASK}"
    return f"{name}={_masked_value(value)}"


def _masked_value(value: str) -> str:
    if not value or _HARMLESS.fullmatch(value) or _MASKED.fullmatch(value):
        return value
    return f"{MASK}{hashlib.sha256(value.encode('utf-8', 'surrogatepass')).hexdigest()[:4]}"


def _is_secret(name: str) -> bool:
    return bool(_SECRET_NAME.search(re.sub(r"[^a-z0-9_]", "", unquote(unquote(name)).lower()).replace("_", "")))
