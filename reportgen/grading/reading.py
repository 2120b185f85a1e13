"""One submission in, a dossier out: its code followed, its report verified, its pictures compared."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from reportgen.assignment.spec import Assignment
from reportgen.code.configuration import SUFFIXES as CONFIGURATIONS
from reportgen.code.source import read_program
from reportgen.documents.blocks import Document
from reportgen.documents.reading import SUFFIXES, parse_document
from reportgen.errors import UnreadableError, UsageError
from reportgen.files import digest
from reportgen.grading.dossiers import Dossier, Finding, Picture, SubmittedFile
from reportgen.grading.findings.agreement import check_agreement
from reportgen.grading.findings.code import Code, read_code
from reportgen.grading.findings.measured_numbers import measured_numbers
from reportgen.grading.findings.report import from_ledger
from reportgen.grading.intake.archives import Entry
from reportgen.grading.intake.files_check import check_files
from reportgen.grading.intake.names import kind_of
from reportgen.grading.intake.submissions import Submission
from reportgen.grading.pictures.crops import cut_crops, pictures_in_question
from reportgen.grading.pictures.gallery import read_pictures
from reportgen.grading.pictures.judging import judge_pictures
from reportgen.own_reports.check import judge_report
from reportgen.verification.claims.outline import outline
from reportgen.verification.facts.aliases import learn_names
from reportgen.verification.facts.subject import make_subject
from reportgen.verification.ledger import Ledger

_CODE = ("python", "notebook")
_REPORTS = ("pdf", "html", "markdown", "text", "notebook")
"""Kinds of files that are read as the report, the most likely first."""
_NAME = re.compile(
    r"^\W*(?:student(?:'s)?\s+)?name\s*[:\-–]\s*(?P<name>[^\W\d_][^\d:|,]{2,59}?)\s*(?:$|\||,|roll)", re.I
)
_MOST_TEXT = 20_000
"""Characters of a file in which its roll number is looked for."""
_HEAD = 40
"""Blocks at the beginning of a report among which the student's name is looked for."""


@dataclass
class _Read:
    """What was read of one submission so far."""

    findings: list[Finding] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    pictures: tuple[Picture, ...] = ()
    ledger: Ledger | None = None
    document: Document | None = None
    code: Code | None = None


@dataclass(frozen=True)
class Reading:
    """What was read of one submission, and the pictures that its findings are about."""

    dossier: Dossier
    crops: Mapping[str, bytes]
    """PNG images, by `Picture.pixels`."""


def read_submission(submission: Submission, assignment: Assignment) -> Reading:
    """Read all files of a submission. Runs none of its code; what can't be read is a problem and never a fault."""
    contents: dict[str, bytes] = {}
    read = _Read(problems=[f"{extra.name}: {extra.reason}" for extra in submission.extra])
    for entry in submission.files:
        try:
            contents[entry.name] = entry.read()
        except UnreadableError as error:
            read.problems.append(str(error))
    read.findings += check_files(submission, assignment, contents)
    roll = submission.roll
    _read_code(submission.files, contents, assignment, roll, read)
    _read_report(submission.files, contents, assignment, roll, read)
    if read.code is not None and read.ledger is not None and read.document is not None:
        read.findings += check_agreement(
            read.code.trained, read.code.program, read.code.findings, read.ledger, read.document.text, assignment
        )
    dossier = Dossier(
        id=submission.id,
        roll=roll or (read.ledger.roll if read.ledger else None),
        name=_student(read.document),
        files=tuple(
            SubmittedFile(name=name, kind=kind_of(name), digest=digest(content), size=len(content))
            for name, content in contents.items()
        ),
        findings=tuple(read.findings),
        pictures=read.pictures,
        numbers=measured_numbers(read.document) if read.document else (),
        ledger=read.ledger,
        problems=tuple(read.problems),
    )
    reports = [content for content in contents.values() if content.find(b"%PDF-", 0, 1024) >= 0]
    asked = pictures_in_question(dossier)
    return Reading(dossier, cut_crops(reports[0], asked) if reports and asked else {})


def told_text(entry: Entry) -> str:
    """What a file says, for the roll number in it; nothing where it can't be read."""
    try:
        content = entry.read()
        if kind_of(entry.name) == "python":
            return content[:_MOST_TEXT].decode("utf-8", "replace")
        return parse_document(content, entry.base, SUFFIXES.get(_suffix(entry))).text[:_MOST_TEXT]
    except (UnreadableError, RecursionError):
        return ""


def _suffix(entry: Entry) -> str:
    return "." + entry.base.rpartition(".")[2].lower()


def _of_kinds(files: Sequence[Entry], contents: Mapping[str, bytes], kinds: Sequence[str]) -> list[Entry]:
    """The files of the first of these kinds that there are any of."""
    for kind in kinds:
        own = [entry for entry in files if entry.name in contents and kind_of(entry.name) == kind]
        if own:
            return own
    return []


def _read_code(
    files: Sequence[Entry], contents: Mapping[str, bytes], assignment: Assignment, roll: str | None, read: _Read
) -> None:
    """Follow the code, all its files as one program; notebooks only where there is nothing else, or they import it."""
    own = _of_kinds(files, contents, _CODE)
    books = [entry for entry in files if entry.name in contents and kind_of(entry.name) == "notebook"]
    own += [entry for entry in files if own and entry.name in contents and _suffix(entry) in CONFIGURATIONS]
    program = read_program({entry.name: contents[entry.name] for entry in own})
    if books and books[0] not in own:
        both = read_program({entry.name: contents[entry.name] for entry in (*own, *books)})
        program = both if len(both.modules) > len(program.modules) else program
    read.problems += program.problems
    if program.sources:
        read.code = read_code(program, assignment, roll)
        read.findings += read.code.findings


def _read_report(
    files: Sequence[Entry], contents: Mapping[str, bytes], assignment: Assignment, roll: str | None, read: _Read
) -> None:
    for entry in _of_kinds(files, contents, _REPORTS)[:1]:
        content = contents[entry.name]
        try:
            document = parse_document(content, entry.base, SUFFIXES.get(_suffix(entry)))
            ledger = judge_report(document, assignment, roll, content)
            subject = learn_names(document.blocks, make_subject(assignment, ledger.roll))
        except (UnreadableError, UsageError) as error:
            read.problems.append(str(error))
            continue
        read.ledger, read.document = ledger, document
        read.problems += [f"{entry.base}: {problem}" for problem in ledger.problems]
        read.findings += from_ledger(ledger, assignment, document.text)
        gallery = read_pictures(content, entry.base, outline(document, subject))
        read.pictures = gallery.pictures
        read.problems += gallery.problems
        read.findings += judge_pictures(gallery.figures, subject, ledger)


def _student(document: Document | None) -> str:
    for block in document.blocks[:_HEAD] if document else ():
        found = _NAME.search(block.text)
        if found:
            return " ".join(found["name"].split())
    return ""
