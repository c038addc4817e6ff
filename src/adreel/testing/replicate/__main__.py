"""``python -m adreel.testing.replicate``: prints the address as one line, then serves until it is stopped."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from pathlib import Path

from adreel.testing.replicate.server import Options, serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m adreel.testing.replicate", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port of the API; 0 takes any that is free")
    parser.add_argument("--output-port", type=int, default=0, help="port of the outputs; 0 takes any that is free")
    parser.add_argument("--state", type=Path, help="folder in which everything survives a restart")
    parser.add_argument("--seed", type=int, help="of ids and the webhook secret; random by default")
    given = parser.parse_args()
    options = Options(given.port, given.output_port, given.state, given.seed)
    with contextlib.suppress(KeyboardInterrupt):
        try:
            asyncio.run(serve(options, _announce))
        except OSError as error:
            parser.error(f"cannot start: {error}")


def _announce(address: str) -> None:
    sys.stdout.write(f"{address}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
