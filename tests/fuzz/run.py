"""Fuzzing by coverage (atheris over libFuzzer): `python -m tests.fuzz.run mail --seconds 300`.

What is found stays as a file in .cache/fuzz, and is shown with the promise it breaks.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["connectors", "crm.intake", "inbox.showing"]):
    from tests.fuzz.promises import PROMISES

HOUSE = Path(__file__).parents[2]
SEEDS = HOUSE / "tests/connectors/email/mails"
LONGEST = 1_000_000


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("promise", choices=PROMISES)
    asked.add_argument("--seconds", type=int, default=300)
    told = asked.parse_args()
    found = HOUSE / ".cache/fuzz"
    corpus = found / told.promise
    corpus.mkdir(parents=True, exist_ok=True)
    arguments = [
        sys.argv[0],
        str(corpus),
        str(SEEDS),
        f"-max_total_time={told.seconds}",
        f"-max_len={LONGEST}",
        f"-artifact_prefix={found}/{told.promise}-",
        "-rss_limit_mb=2048",
        "-print_final_stats=1",
    ]
    atheris.Setup(arguments, PROMISES[told.promise])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
