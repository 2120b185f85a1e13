import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.assignment.bundled import load_spec
from reportgen.grading.dossiers import Dossier, Finding, FindingKind, Picture
from reportgen.grading.findings.measured_numbers import SharedNumbers
from reportgen.grading.intake.archives import Leftover
from reportgen.grading.marks.marks import Override
from reportgen.grading.marks.policy import mark
from reportgen.grading.pages.class_page import ClassResult, StudentResult, render_class
from reportgen.grading.pictures.sameness import Sameness, SharedPicture

CSL = load_spec("csl7590-a1")
FAULT, MET = FindingKind.FAULT, FindingKind.MET
CHECKS = sorted({check for criterion in CSL.rubric for check in criterion.checks})
EVIL = "<script>alert(1)</script>"


def findings(*wrong: str, unknown: tuple[str, ...] = ()) -> tuple[Finding, ...]:
    """Each check of the rubric: met but for the wrong ones and the unknown ones."""
    return tuple(
        Finding(check=check, kind=FAULT if check in wrong else MET, reason=check)
        for check in CHECKS
        if check not in unknown
    )


def student(
    roll: str, *found: Finding, name: str = "", problems: tuple[str, ...] = (), **overrides: float
) -> StudentResult:
    dossier = Dossier(id=roll, roll=roll, name=name, findings=found, problems=problems)
    given = {(roll, key.replace("_", "-")): Override(points=points) for key, points in overrides.items()}
    return StudentResult(mark(dossier, CSL, given), f"feedback/{roll}.html")


def picture(file: str, page: int, section: str = "Confusion Matrix") -> Picture:
    return Picture(file=file, page=page, section=section, width=9, height=9, pixels=f"{file}{page}", box=(0, 0, 1, 1))


def shared(
    one: str, other: str, page: int = 5, by: Sameness = Sameness.PIXELS, section: str = "Curves"
) -> SharedPicture:
    first, second = (picture(f"{roll}.pdf", page, section) for roll in (one, other))
    return SharedPicture(one, first, other, second, by, 0.0)


def page(*students: StudentResult, pairs: tuple[SharedPicture, ...] = (), leftovers: tuple[Leftover, ...] = ()) -> str:
    return render_class(ClassResult(students, pairs, leftovers), CSL)


def section(html: str, key: str) -> str:
    """The words of a section of the page, by its heading's id."""
    content = html.partition(f'<h2 id="{key}">')[2].partition("</section>")[0]
    words = " ".join(re.sub(r"<[^>]+>", " ", content).replace("&#39;", "'").split())
    return re.sub(r" (?=[.;,:)])", "", words)


def tiles(html: str) -> dict[str, str]:
    return dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", html))


def test_the_summary_counts_the_class() -> None:
    html = page(
        student("M23CSE001", *findings()),
        student("M23CSE002", *findings("batch-size")),
        student("M23CSE003", *findings(unknown=("curves",))),
        student("M23CSE004", problems=("it is encrypted",)),
    )
    assert tiles(html) == {
        "Submissions": "4",
        "Read": "3",
        "Could not be read": "1",
        "Need a person": "2",
        "Points of 100": "91 to 100",
        "Median": "98",
    }


def test_one_student_has_no_range_of_marks() -> None:
    assert tiles(page(student("M23CSE001", *findings())))["Points of 100"] == "100"


def test_an_empty_class_and_an_assignment_without_a_rubric_are_pages_too() -> None:
    html = page()
    assert tiles(html)["Submissions"] == "0"
    assert 'id="distribution"' not in html
    spec = CSL.model_copy(update={"rubric": ()})
    dossier = Dossier(id="one", findings=findings())
    html = render_class(ClassResult((StudentResult(mark(dossier, spec, {})),)), spec)
    assert "one – – no rubric" in section(html, "students")
    assert tiles(html)["Need a person"] == "0"


@given(st.lists(st.sampled_from(CHECKS), max_size=12), st.integers(0, 3))
def test_every_student_with_marks_stands_in_one_bar(wrong: list[str], unread: int) -> None:
    students = [student(f"M23CSE{at:03}", *findings(*wrong[:at])) for at in range(len(wrong))]
    students += [student(f"M23CSE9{at:02}") for at in range(unread)]
    counts = re.findall(r'to \d+</th><td class="number">(\d+)</td>', page(*students))
    assert sum(map(int, counts)) == len(wrong)
    assert len(counts) == (10 if wrong else 0)


def test_full_marks_stand_in_the_last_bar_and_a_bound_counts_upwards() -> None:
    html = page(student("M23CSE001", *findings()), student("M23CSE002", *findings("techniques")))
    assert "80 to 90 0 90 to 100 2" in section(html, "distribution")


def test_who_needs_a_person_most_comes_first() -> None:
    html = page(
        student("M23CSE001", *findings(unknown=("curves",))),
        student("M23CSE002", *findings(unknown=("techniques",))),
        student("M23CSE003", *findings()),
        student("M23CSE004"),
    )
    text = section(html, "needs")
    assert text.endswith(
        "M23CSE004 all nothing could be read M23CSE001 18 exp1-curves (10), exp2-curves (8) "
        "M23CSE002 10 bonus-techniques (10)"
    )


def test_a_long_queue_is_folded_and_not_cut() -> None:
    html = page(*(student(f"M23CSE{at:03}", *findings(unknown=("curves",))) for at in range(15)))
    text = section(html, "needs")
    assert "3 more students" in text
    assert all(f"M23CSE{at:03}" in text for at in range(15))


def test_a_class_without_open_points_faults_pairs_and_leftovers_says_so() -> None:
    html = page(student("M23CSE001", *findings()))
    assert section(html, "needs").endswith("Nothing is open: every point is decided.")
    assert section(html, "faults").endswith("No fault was found.")
    assert section(html, "shared").endswith("No figure of a result was found in two reports.")
    assert section(html, "files").endswith("Every file was read.")


def test_frequent_faults_come_first_with_who_has_them() -> None:
    softmax = Finding(check="softmax-before-loss", kind=FAULT, reason="twice")
    html = page(
        student("M23CSE001", *findings("loss"), softmax),
        student("M23CSE002", *findings("loss", "epochs")),
        student("M23CSE003", *findings()),
    )
    text = section(html, "faults")
    assert "the loss is cross-entropy 2 yes Show who: loss M23CSE001 M23CSE002" in text
    assert "the loss takes logits 1 no Show who: softmax-before-loss M23CSE001" in text
    assert text.index("cross-entropy") < text.index("epochs as asked") < text.index("logits")
    assert "M23CSE003" not in text


def test_a_fault_that_a_person_overruled_is_none() -> None:
    wrong = findings("curves")
    whole = page(student("M23CSE001", *wrong, exp1_curves=10, exp2_curves=8))
    part = page(student("M23CSE001", *wrong, exp1_curves=9, exp2_curves=8))
    assert "No fault was found." in section(whole, "faults")
    assert "accuracy and loss per epoch are plotted" in section(part, "faults")


def test_pairs_become_groups_of_students_with_all_their_figures() -> None:
    students = [student(f"M23CSE00{at}", *findings()) for at in range(1, 5)]
    one, two, three, four = (entry.marks.id for entry in students)
    html = page(
        *students,
        pairs=(
            shared(three, four, 8, Sameness.LINES),
            shared(one, two, 5),
            shared(two, three, 5, Sameness.NUMBERS),
            shared(one, three, 5),
            shared(three, four, 9, section=""),
        ),
    )
    text = section(html, "shared")
    assert (
        "M23CSE003, M23CSE004 2 “Curves”, the same by every line, margins cut off and brought to one size: "
        "M23CSE003 page 8; M23CSE004 page 8 A figure without a heading, the same pixel by pixel, margins cut off: "
        "M23CSE003 page 9; M23CSE004 page 9" in text
    )
    assert (
        "M23CSE001, M23CSE002, M23CSE003 1 “Curves”, the same by all numbers in their cells or pixel by pixel, "
        "margins cut off: M23CSE001 page 5; M23CSE002 page 5; M23CSE003 page 5" in text
    )
    assert text.index("M23CSE004") < text.index("M23CSE001")


@pytest.mark.parametrize(
    ("file", "place"),
    [
        ("M23CSE001.ipynb", "M23CSE001 cell 5"),
        ("report.PDF", "M23CSE001, report.PDF page 5"),
        ("M23CSE001.md", "M23CSE001"),
    ],
)
def test_places_of_shared_figures_are_named(file: str, place: str) -> None:
    pair = SharedPicture("M23CSE001", picture(file, 5), "M23CSE002", picture("x.html", 1), Sameness.PIXELS, 0.0)
    text = section(page(student("M23CSE001"), student("M23CSE002"), pairs=(pair,)), "shared")
    assert text.endswith(f": {place}; M23CSE002, x.html")


def test_many_copies_of_one_figure_are_one_row() -> None:
    students = [student(f"M23CSE{at:03}", *findings()) for at in range(40)]
    ids = [entry.marks.id for entry in students]
    pairs = tuple(shared(one, other) for at, one in enumerate(ids) for other in ids[at + 1 :])
    assert page(*students, pairs=pairs).count("“Curves”") == 1


def test_leftovers_are_listed_those_to_look_at_first() -> None:
    html = page(
        student("M23CSE001", *findings(), problems=("a\nb.pdf: it is damaged", "c.py: it is too long")),
        leftovers=(Leftover("__MACOSX/x", "a hidden file"), Leftover("x\u202e.zip", "it is encrypted", True)),
    )
    text = section(html, "files")
    assert "M23CSE001: a\\nb.pdf: it is damaged; c.py: it is too long" in text
    assert text.index("x\\u202e.zip: it is encrypted") < text.index("1 more file left out __MACOSX/x: a hidden file")


def test_the_table_has_every_student_with_marks_by_part() -> None:
    html = page(
        student("M23CSE001", *findings(unknown=("techniques",)), name="Asha Rao"),
        student("M23CSE002", *findings()),
        student("M23CSE003", problems=("damaged",)),
    )
    text = section(html, "students")
    assert "Student Name Experiment 1 Experiment 2 Report Bonus Total Open State" in text
    assert "M23CSE001 Asha Rao 50 30 10 0–10 90–100 10 needs a person" in text
    assert "M23CSE002 50 30 10 10 100 0 decided" in text
    assert "M23CSE003 – – – – – – could not be read" in text
    assert 'data-value="95.0">90–100<' in html


def test_hostile_names_are_text() -> None:
    evil = StudentResult(
        mark(Dossier(id=EVIL, name=EVIL, findings=findings("loss", unknown=("curves",)), problems=(EVIL,)), CSL, {})
    )
    pair = SharedPicture(EVIL, picture(EVIL, 5, EVIL), "two", picture("two.pdf", 5), Sameness.PIXELS, 0.0)
    html = page(evil, student("two"), pairs=(pair,), leftovers=(Leftover(EVIL, EVIL), Leftover(EVIL, EVIL, True)))
    assert html.count("<script") == 1
    assert "&lt;script&gt;alert(1)" in html


@pytest.mark.parametrize(
    ("path", "href"),
    [
        ("feedback/a b.html", "./feedback/a%20b.html"),
        ("javascript:alert(1)", "./javascript%3Aalert%281%29"),
        ("//elsewhere.example/x", ".///elsewhere.example/x"),
        ('x" onclick="y', "./x%22%20onclick%3D%22y"),
        ("a\nb#c?d.html", "./a%0Ab%23c%3Fd.html"),
        ("\udcff.html", "./%FF.html"),
    ],
)
def test_links_lead_to_files_beside_the_page(path: str, href: str) -> None:
    marks = student("M23CSE001", *findings()).marks
    assert f'<a href="{href}">M23CSE001</a>' in page(StudentResult(marks, path))


def test_without_a_feedback_page_there_is_no_link() -> None:
    html = page(StudentResult(student("M23CSE001", *findings("loss")).marks))
    assert "<a href" not in html.partition("<main>")[2]


def test_shared_numbers_name_both_students() -> None:
    one, other = (
        StudentResult(mark(Dossier(id=roll, roll=roll), CSL, {}), f"{roll}.html") for roll in ("M23CSE023", "M23CSE024")
    )
    numbers = SharedNumbers("M23CSE023", "M23CSE024", tuple(f"0.{n}" for n in range(1001, 1020)))
    html = render_class(ClassResult((one, other), numbers=(numbers,)), CSL)
    words = section(html, "shared")
    assert "M23CSE024" in words
    assert "19 0.1001, 0.1002" in words
