"""The fenced blocks of a document, in order."""

import re
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One block: what stands behind the fence, and its text."""

    info: str
    text: str


@dataclass(frozen=True)
class Command:
    """A line that is typed, and what the document says comes of it."""

    line: str
    output: str


def blocks(document: Path, heading: str | None = None) -> list[Block]:
    """The blocks of a document, or of one section of it."""
    text = document.read_text()
    if heading:
        text = text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return [Block(info, text) for info, text in FENCE.findall(text)]


def commands(block: Block) -> list[Command]:
    """The commands of a console block."""
    found: list[Command] = []
    for line in block.text.splitlines(keepends=True):
        if line.startswith("$ "):
            found.append(Command(line[2:].rstrip("\n"), ""))
        else:
            found[-1] = Command(found[-1].line, found[-1].output + line)
    return found
