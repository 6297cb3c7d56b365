"""Checks every accepted character against the Unicode data of Python.

Standard input: lines of two hexadecimal code points, the first and the last of a range.

No accepted character may become a dot, a slash, a backslash, a percent sign or a control
character in any normal form or case, and none may be of a category that is not seen.
"""

import sys
import unicodedata

SYNTAX = set("./\\%") | {chr(code) for code in range(0x20)} | {"\x7f"}
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
# The ones that stand for themselves.
PLAIN = set("./%")


def forms(character):
    yield character
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        normal = unicodedata.normalize(form, character)
        yield from (normal, normal.casefold(), normal.upper(), normal.lower())


def fault(character):
    if unicodedata.category(character) in UNSEEN:
        return unicodedata.category(character)
    if character in PLAIN:
        return None
    return next((form for form in forms(character) if SYNTAX & set(form)), None)


def main():
    ranges = [tuple(int(field, 16) for field in line.split()) for line in sys.stdin]
    accepted = [chr(code) for start, end in ranges for code in range(start, end + 1)]
    faults = [(character, fault(character)) for character in accepted if fault(character)]
    for character, found in faults[:20]:
        print(f"accepted U+{ord(character):04X}, which is {found!r}", file=sys.stderr)
    print(f"characters: {len(accepted)} accepted, {len(faults)} faults")
    # All letters of the world are more than this; fewer means that nothing was checked.
    return bool(faults) or len(accepted) < 100_000


if __name__ == "__main__":
    sys.exit(main())
