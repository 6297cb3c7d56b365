"""Resolves accepted URIs as Python servers do; every one must stay under its root.

Standard input: lines of two JSON strings with a tab between, a root and a URI.

A server may decode a URI never, once or again and again, before or after it is split, normalise
its characters, and run on POSIX or on Windows. All of these readings are tried.
"""

import json
import ntpath
import posixpath
import sys
import unicodedata
from urllib.parse import parse_qsl, unquote, unquote_plus, urljoin, urlparse, urlsplit

BASE = "/base/root"


def layers(text, decode=unquote):
    """The text, and what decoding makes of it until it changes no more."""
    seen = [text]
    while len(seen) < 8 and decode(seen[-1]) != seen[-1]:
        seen.append(decode(seen[-1]))
    return seen


def spellings(text):
    """What a resolver may take the text for, once it is a name."""
    for layer in layers(text):
        for form in (None, "NFC", "NFKC"):
            yield unicodedata.normalize(form, layer) if form else layer


def below(path, root):
    return path == root.rstrip("/") or path.startswith(root.rstrip("/") + "/")


def windows(path):
    """Windows drops dots and blanks at the end of a name, but `..` stays."""
    names = path.replace("\\", "/").split("/")
    kept = [name.rstrip(". ") or ("." * min(len(name.rstrip(" ")), 2)) for name in names]
    return "/".join(kept)


def without_parameters(path):
    """Java servers cut path parameters off."""
    return "/".join(name.split(";")[0] for name in path.split("/"))


def path_escapes(path, root):
    """The readings of a path that leave its root."""
    for text in spellings(path):
        for reading in (text, windows(text), without_parameters(text), text.strip(), text.split("\0")[0]):
            # Nothing may come of two slashes at the front, which POSIX keeps.
            if reading.startswith("//") or not below(posixpath.normpath(reading), root):
                yield "posix", reading
        relative = text[len(root):]
        if not below(posixpath.normpath(posixpath.join(BASE, relative)), BASE):
            yield "joined", relative
        local = ntpath.normpath(ntpath.join("D:\\base\\root", relative))
        if not (local + "\\").startswith("D:\\base\\root\\"):
            yield "windows", local


def query_escapes(query):
    """The values of a query that lead out of wherever they are joined to."""
    values = [query] + [part for pair in parse_qsl(query, keep_blank_values=True) for part in pair]
    for separator in "&;,":
        values += [part.partition("=")[2] or part for part in query.split(separator)]
    for value in values:
        for text in list(spellings(value)) + layers(value, unquote_plus):
            reading = windows(text)
            if text.startswith(("//", "\\")) or reading[1:3] in (":/", "|/"):
                yield "query root", text
            if not below(posixpath.normpath(posixpath.join(BASE, reading.lstrip("/"))), BASE):
                yield "query", text


def split_escapes(uri, root, split):
    """The escapes of a URI as one of Python's parsers splits it."""
    parts, expected = split(uri), split(root)
    if (parts.scheme, parts.netloc) != (expected.scheme, expected.netloc):
        yield "authority", uri
    if parts.fragment or parts.username is not None:
        yield "structure", uri
    yield from path_escapes(parts.path, unquote(expected.path))
    yield from query_escapes(parts.query)


def after_scheme(text):
    """What many servers take for a path: everything after `scheme://`."""
    head, found, tail = text.partition("://")
    return tail if found else text.partition(":")[2]


def escapes(uri, root):
    for split in (urlsplit, urlparse):
        yield from split_escapes(uri, root, split)
    for layer in layers(uri)[1:]:
        parts, expected = urlsplit(layer), urlsplit(root)
        if (parts.scheme, parts.netloc) != (expected.scheme, expected.netloc):
            yield "decoded authority", layer
        yield from path_escapes(parts.path, expected.path)
    yield from path_escapes(after_scheme(uri.partition("?")[0]), after_scheme(root))
    # The reference resolution of RFC 3986, for the schemes that urllib knows as hierarchical.
    resolved = urljoin(root, uri)
    if resolved.partition("?")[0] != uri.partition("?")[0]:
        yield "rewritten", resolved


def main():
    checked = refused = escaped = 0
    for line in sys.stdin:
        root, uri = (json.loads(field) for field in line.rstrip("\n").split("\t"))
        checked += 1
        try:
            found = list(escapes(uri, root))
        except ValueError:
            refused += 1
            continue
        if found:
            escaped += 1
            if escaped <= 20:
                print(f"escape from {root!r}: {uri!r} as {found[0]!r}", file=sys.stderr)
    print(f"python: {checked} resolved, {refused} refused by the resolver, {escaped} escapes")
    # A resolver that refuses most of what it is given proves nothing.
    return escaped > 0 or checked < 1000 or refused * 10 > checked


if __name__ == "__main__":
    sys.exit(main())
