"""A class of thirty as its pages: faults, shared pictures, left-over files, and names that test them."""

from pathlib import Path

from reportgen.assignment.bundled import load_spec
from reportgen.grading.dossiers import Dossier, Finding, FindingKind, Picture
from reportgen.grading.intake.archives import Leftover
from reportgen.grading.marks.marks import Marks
from reportgen.grading.marks.policy import mark
from reportgen.grading.pages.class_page import ClassResult, StudentResult, render_class
from reportgen.grading.pages.feedback import render_feedback
from reportgen.grading.pictures.sameness import Sameness, SharedPicture

CSL = load_spec("csl7590-a1")
KINDS = (FindingKind.FAULT, FindingKind.UNDECIDED, FindingKind.MET)
CHECKS = sorted({check for criterion in CSL.rubric for check in criterion.checks})
NAMES = ("Zoë Müller", "Asha Rao", "<script>document.title='owned'</script>", "", "Li Wei")
CLASS, FEEDBACK = "class.html", "feedback/M23CSE000.html"


def dossier_of(number: int) -> Dossier:
    roll = f"M23CSE{number:03}"
    if number == 5:
        return Dossier(id=roll, roll=roll, problems=("long-name-without-spaces" * 8 + ".pdf: it is encrypted",))
    findings = tuple(
        Finding(
            check=check,
            kind=KINDS[(number * 7 + at) % 3],
            file=f"{roll}.py",
            reason="found " + "averyveryverylongword" * 6,
            text="x = " + "1+" * 90,
            found="9",
            expected="10",
        )
        for at, check in enumerate(CHECKS)
    )
    return Dossier(id=roll, roll=roll, name=NAMES[number % len(NAMES)], findings=findings)


def shared_by(one: Marks, other: Marks) -> SharedPicture:
    first, second = (
        Picture(file=f"{marks.id}.pdf", page=5, section="Results", width=9, height=9, pixels="p", box=(0, 0, 1, 1))
        for marks in (one, other)
    )
    return SharedPicture(one.id, first, other.id, second, Sameness.PIXELS, 0.0)


def write_pages(folder: Path) -> None:
    """Write the page of the class and each student's feedback."""
    (folder / "feedback").mkdir()
    students = []
    for number in range(30):
        dossier = dossier_of(number)
        marks = mark(dossier, CSL, {})
        students.append(StudentResult(marks, f"feedback/{dossier.id}.html"))
        (folder / "feedback" / f"{dossier.id}.html").write_text(render_feedback(marks, dossier, CSL), encoding="utf-8")
    result = ClassResult(
        tuple(students),
        (shared_by(students[0].marks, students[1].marks),),
        (Leftover("long-name-without-spaces" * 10, "it is encrypted", True), Leftover(".DS_Store", "a hidden file")),
    )
    (folder / CLASS).write_text(render_class(result, CSL), encoding="utf-8")
