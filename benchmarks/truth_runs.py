"""Documents and truths from their folders; each document read in a bounded process, and every accusation weighed."""

import argparse
import json
import multiprocessing
import resource
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger_invariants import broken
from truth_matching import NUMERAL, Mistake, matching, mistakes, neighbours

from reportgen.assignment import DEFAULT_ASSIGNMENT
from reportgen.documents.reading import SUFFIXES, parse_document
from reportgen.pipelines.verify import Request, verify_all
from reportgen.sandbox.process import Limits
from reportgen.verification.facts.code_reading import CODE
from reportgen.verification.ledger import DECIDED, Claim, Ledger

Truths = Mapping[str, dict[str, Any]]
Judged = Mapping[tuple[str, str, str], dict[str, Any]]


@dataclass(frozen=True)
class Weighed:
    """An accusation and what is to be thought of it."""

    claim: Claim
    mistake: Mistake | None
    worth: str
    """``right``, ``arguable``, ``false`` (a person said so) or ``unjudged`` (counted as false until one has looked)."""
    near: tuple[int, ...] = ()
    """Of an unjudged one: indices of the mistakes that stand in its place."""


@dataclass(frozen=True)
class Reading:
    """One document in one run."""

    case: str
    truth: tuple[Mistake, ...]
    accusations: tuple[Weighed, ...]
    named: frozenset[int]
    """Indices of the mistakes that an accusation names."""
    numerals: int
    decided: int
    """Numerals that a claim with a decision covers."""
    seconds: float
    bytes: int
    """Of its text in UTF-8."""
    broken: tuple[str, ...]
    unread: str = ""

    @property
    def false(self) -> tuple[Weighed, ...]:
        """The accusations that are no mistake."""
        return tuple(each for each in self.accusations if each.worth in ("false", "unjudged"))


def load_truths(folder: Path) -> dict[str, dict[str, Any]]:
    """The truths of a folder by id."""
    loaded = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    return {truth["case"]: truth for truth in loaded}


def document_paths(folder: Path, truths: Truths) -> dict[str, Path]:
    """The documents that are there, by id."""
    found = {path.stem: path for path in sorted(folder.iterdir()) if path.is_file() and path.suffix in SUFFIXES}
    return {case: found[case] for case in truths if case in found}


def load_judged(path: Path | None) -> Judged:
    """What a person said of accusations, by id, text and number."""
    entries = json.loads(path.read_text(encoding="utf-8")) if path else []
    return {(entry["id"], entry["text"], str(entry["found"])): entry for entry in entries}


def read_all(run: str, paths: Mapping[str, Path], truths: Truths, options: argparse.Namespace) -> Iterator[Reading]:
    """Read every document, one at a time so that its seconds are its own.

    Raises:
        UsageError: this version has no such run.
    """
    judged = load_judged(options.judged)
    assignment = "none" if run == "none" else DEFAULT_ASSIGNMENT
    requests = []
    for case, path in paths.items():
        # a report whose code can't be had is read without
        there = run == "code" and any(path.suffix in CODE for path in (options.code / case).rglob("*"))
        with_code: dict[str, Any] = {"code": (options.code / case,)} if there else {}
        requests.append(Request(path, path.name, **with_code))
    sizes = _text_sizes(paths, options.seconds)
    outcomes = verify_all(requests, assignment, limits=Limits(seconds=options.seconds), jobs=1)
    start = time.perf_counter()
    for case in paths:
        outcome = next(outcomes)
        seconds = time.perf_counter() - start
        if outcome.ledger is None:
            yield Reading(
                case, mistakes(truths[case]), (), frozenset(), *sizes[case], 0, seconds, (), str(outcome.error)
            )
        else:
            yield _weigh(case, truths[case], outcome.ledger, judged, sizes[case], seconds)
        start = time.perf_counter()


def _weigh(
    case: str, truth: dict[str, Any], ledger: Ledger, judged: Judged, size: tuple[int, int], seconds: float
) -> Reading:
    known = mistakes(truth)
    weighed = []
    for claim in ledger.contradicted:
        said = judged.get((case, claim.text, str(claim.found)))
        mistake = matching(known, claim)
        if said is not None:
            mistake = (
                next((each for each in known if each.index == said.get("mistake")), None) if said["right"] else None
            )
            weighed.append(Weighed(claim, mistake, "right" if said["right"] else "false"))
        elif mistake is None:
            near = tuple(each.index for each in neighbours(known, claim))
            weighed.append(Weighed(claim, None, "unjudged", near))
        else:
            weighed.append(Weighed(claim, mistake, "right" if mistake.sure else "arguable"))
    named = frozenset(each.mistake.index for each in weighed if each.mistake is not None)
    count, length = size
    return Reading(
        case, known, tuple(weighed), named, count, min(count, _decided(ledger)), seconds, length, tuple(broken(ledger))
    )


def _decided(ledger: Ledger) -> int:
    """Numerals that have a verdict or claim nothing."""
    return sum(claim.verdict in DECIDED for claim in ledger.claims if claim.number is not None)


def _text_sizes(paths: Mapping[str, Path], seconds: float) -> dict[str, tuple[int, int]]:
    """Numerals and bytes of the text of each document, read in a process with bounds; zeros where that fails."""
    sizes = {}
    context = multiprocessing.get_context("spawn")
    pool = context.Pool(1, _bounded)
    for case, path in paths.items():
        try:
            sizes[case] = pool.apply_async(_text_size, (path,)).get(seconds)
        except Exception as error:
            print(f"{case}: its text was not read for counting: {type(error).__name__}")
            sizes[case] = (0, 0)
            pool.terminate()
            pool = context.Pool(1, _bounded)
    pool.terminate()
    return sizes


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (4 * 2**30, 4 * 2**30))


def _text_size(path: Path) -> tuple[int, int]:
    text = parse_document(path.read_bytes(), path.name, SUFFIXES[path.suffix]).text
    return sum(1 for _ in NUMERAL.finditer(text)), len(text.encode())
