"""What `reportgen verify` says of real documents, held against what careful readers found in them.

    python benchmarks/verify_truth.py DOCUMENTS TRUTHS [--code FOLDER] [--judged FILE] [--run NAME] [--list] [--only ID]

DOCUMENTS is a folder of files named after the ids of the truths (``c101.md``), TRUTHS a folder of JSON files; where
they are left out, the environment variables REPORTGEN_CORPUS and REPORTGEN_CORPUS_TRUTH name them. The documents are
strangers' work: they lie outside the repository and are never quoted.

An accusation is right where it names a sure mistake, or where a person said so in the file of --judged: a JSON list of
objects with ``id``, ``text`` and ``found`` (as --list prints them), ``right`` (true or false) and optionally
``mistake``, the index of the entry that it names. It is arguable where it names a mistake that isn't sure; else it
counts as false, and --list says that nobody has looked at it yet.

Runs: ``default`` holds each document against the default assignment, ``none`` against none, ``code`` also against the
program in ``FOLDER/ID``; a run that this version of reportgen can't do is said to be left out.
"""

import argparse
import os
import sys
from dataclasses import fields
from pathlib import Path

from truth_runs import Reading, document_paths, load_truths, read_all
from truth_tables import listing, table

from reportgen.errors import UsageError
from reportgen.pipelines.verify import Request

DOCUMENTS, TRUTHS = "REPORTGEN_CORPUS", "REPORTGEN_CORPUS_TRUTH"


def main() -> int:
    """Run the benchmark; 1 where an invariant of the ledger is broken, 2 where a folder is missing."""
    options = _options()
    truths = load_truths(options.truths)
    paths = document_paths(options.documents, truths)
    if options.only:
        paths = {case: path for case, path in paths.items() if case in options.only.split(",")}
    runs: dict[str, list[Reading]] = {}
    for name in options.run or ("default", "none", "code"):
        if name == "code" and (options.code is None or "code" not in {field.name for field in fields(Request)}):
            print("run code: left out, " + ("no --code" if options.code is None else "this version reads no code"))
            continue
        try:
            runs[name] = list(read_all(name, paths, truths, options))
        except UsageError as error:
            print(f"run {name}: left out, this version can't do it ({error})")
    lacking = sorted(set(truths) - set(paths)) if not options.only else []
    print(table(runs, lacking))
    if options.list:
        print(*(line for name, readings in runs.items() for line in listing(name, readings)), sep="\n")
    return int(any(reading.broken for readings in runs.values() for reading in readings))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", nargs="?", type=Path, default=os.environ.get(DOCUMENTS), help="folder")
    parser.add_argument("truths", nargs="?", type=Path, default=os.environ.get(TRUTHS), help="folder")
    parser.add_argument("--code", type=Path, help="folder with a folder of code for each id")
    parser.add_argument("--judged", type=Path, help="JSON file of accusations that a person has judged")
    parser.add_argument(
        "--run", action="append", choices=["default", "none", "code"], help="only this; may be repeated"
    )
    parser.add_argument("--list", action="store_true", help="print accusations and sure mistakes one by one")
    parser.add_argument("--only", help="ids, with commas between")
    parser.add_argument("--seconds", type=float, default=30, help="time limit for a document")
    options = parser.parse_args()
    for name, variable in (("documents", DOCUMENTS), ("truths", TRUTHS)):
        folder = getattr(options, name)
        if folder is None or not Path(folder).is_dir():
            given = f"{folder} is no folder" if folder else "none was given"
            parser.error(f"{name}: {given}; name it as an argument or in {variable}")
        setattr(options, name, Path(folder))
    return options


if __name__ == "__main__":
    sys.exit(main())
