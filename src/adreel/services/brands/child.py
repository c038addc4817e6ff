"""Program of the process that examines a stranger's logo, font, music or recording: prints what it is, or why not, as JSON.

Run by path with the arguments KIND FILE NAME DRAWING; NAME replaces FILE in messages, and a logo that is an SVG is drawn into the
file DRAWING, a recording levelled into it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main(arguments: list[str]) -> None:
    kind, file, name, drawing = arguments
    sys.path.insert(0, str(Path(__file__).parents[3]))
    from adreel.domain.errors import InputError
    from adreel.services.brands.examination import examined

    try:
        reply = examined(kind, Path(file), Path(drawing))
    except InputError as error:
        reply = {"refused": str(error).replace(drawing, name).replace(file, name)}
    sys.stdout.write(json.dumps(reply))


if __name__ == "__main__":
    main(sys.argv[1:])
