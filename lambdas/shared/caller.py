"""What names a caller: telephone numbers and customer ids, told from everything else, and the hash that stands for a
number where others can read it. Pure.

What arrives here was typed or can be spoofed. "anonymous", ten kilobytes of digits or digits of another script are
data: they name nobody, and neither cache nor table is asked for them.
"""

from __future__ import annotations

from shared.digest import blake2b

LEAST_DIGITS = 7
MOST_DIGITS = 15  # ITU-T E.164
MOST_TYPED = 20
MOST_ID = 32
HASH_BYTES = 16


def number_of(address: str | None) -> str | None:
    """The E.164 number in an address; None for "anonymous" and all else that is no number."""
    if address is None or not LEAST_DIGITS < len(address) <= MOST_DIGITS + 1 or not address.isascii():
        return None
    return address if address[0] == "+" and address[1] != "0" and address[1:].isdigit() else None


def customer_id_of(typed: str | None) -> str | None:
    """The customer id in a text, also when only its digits were typed, for a keypad has no C; None if it is none.

    An id is C and 1 to 31 digits or capital letters.
    """
    if typed is None or not 0 < len(typed) <= MOST_ID or not typed.isascii():
        return None
    if typed.isdigit():
        return f"C{typed}" if len(typed) <= MOST_TYPED else None
    is_id = typed[0] == "C" and typed[1:].isalnum() and typed == typed.upper()
    return typed if is_id else None


def hashed(number: str, hash_key: bytes) -> str:
    """What stands for a number in keys: keyed BLAKE2b (RFC 7693), 128 bits in hexadecimal.

    Without the key nobody can find the number by trying all of them; there are few enough of those. hash_key: 1 to 64
    bytes. Raises ValueError otherwise.
    """
    if not hash_key:
        raise ValueError("a number is hashed with a key; there is none")
    return blake2b(number.encode(), digest_size=HASH_BYTES, key=hash_key).hexdigest()
