"""Program of the process that reads a film's container: prints its facts, or why they cannot be read, as one line of JSON.

Run by path with the arguments FILE NAME; NAME replaces FILE in messages.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main(arguments: list[str]) -> None:
    file, name = arguments
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from adreel.domain.errors import ClipError
    from adreel.placements.facts_json import to_json
    from adreel.placements.streams import read_facts

    try:
        reply = to_json(read_facts(Path(file)))
    except ClipError as error:
        reply = {"refused": str(error).replace(file, name)}
    sys.stdout.write(json.dumps(reply))


if __name__ == "__main__":
    main(sys.argv[1:])
