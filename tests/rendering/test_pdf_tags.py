"""The structure and the metadata of a report's PDF, read back."""

import hashlib
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pikepdf
import pydyf
import pytest

from reportgen.errors import PdfError
from reportgen.rendering import pdf_tags
from reportgen.rendering.report import Report
from reportgen.training.experiment import Computed

Element = tuple[str, Any, tuple[str, ...]]


@pytest.fixture(scope="module")
def document(report: Report) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(io.BytesIO(report.files["M23CSE023.pdf"])) as opened:
        yield opened


@pytest.fixture(scope="module")
def elements(document: pikepdf.Pdf) -> list[Element]:
    """Every element of the structure tree in reading order: its type, itself, and the types above it."""
    return list(_walk(document.Root.StructTreeRoot.K[0], ()))


def _kids(element: Any) -> list[Any]:
    kids = element.get("/K", [])
    return list(kids) if isinstance(kids, pikepdf.Array) else [kids]


def _walk(element: Any, above: tuple[str, ...]) -> Iterator[Element]:
    kind = str(element.S)[1:]
    yield kind, element, above
    for kid in _kids(element):
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield from _walk(kid, (*above, kind))


def test_both_marks_of_conformance_and_the_schema_of_the_second(document: pikepdf.Pdf) -> None:
    with document.open_metadata() as metadata:
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
        assert metadata["pdfuaid:part"] == "1"
    packet = bytes(document.Root.Metadata.read_raw_bytes()).decode()
    assert packet.count("<rdf:RDF") == packet.count("</rdf:RDF>") == 1
    assert "<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>" in packet


def test_the_catalog_says_that_it_is_tagged_titled_and_in_english(document: pikepdf.Pdf) -> None:
    assert document.Root.MarkInfo.Marked
    assert document.Root.ViewerPreferences.DisplayDocTitle
    assert document.Root.Lang == "en"


def test_an_independent_checker_finds_no_fault(report: Report) -> None:
    page = pytest.importorskip("page", reason="page-validation is not installed: no independent checker has been run")
    for profile in (page.ValidationProfile.PDF_A_3A, page.ValidationProfile.PDF_UA_1):
        found = page.validate_pdf_bytes(report.files["M23CSE023.pdf"], profile=profile)
        assert [(failure.rule_id, failure.message) for failure in found.failures] == []
        assert found.rules.passed > 100


def test_every_figure_and_every_formula_has_its_words(elements: list[Element], report: Report) -> None:
    figures = [element for kind, element, _ in elements if kind == "Figure"]
    assert len(figures) == len([name for name in report.files if name.startswith("figures/")])
    assert all(len(str(figure.Alt)) > 60 for figure in figures)
    formulas = [str(element.Alt) for kind, element, _ in elements if kind == "Formula"]
    assert "equals open bracket 16 times 5 times 5 times 8 close bracket plus 8 equals 3,208" in formulas
    assert all(formulas)


def test_every_table_has_headers_with_their_scope(elements: list[Element]) -> None:
    tables = [element for kind, element, _ in elements if kind == "Table"]
    assert len(tables) >= 20
    for table in tables:
        cells = [(kind, cell, above) for kind, cell, above in _walk(table, ()) if kind in {"TH", "TD"}]
        headers = [(cell, above) for kind, cell, above in cells if kind == "TH"]
        assert headers
        for header, above in headers:
            assert header.A.Scope == ("/Column" if "THead" in above else "/Row")
        assert any(kind == "Caption" for kind, _, _ in _walk(table, ()))


def test_headings_never_skip_a_level_and_are_the_bookmarks(elements: list[Element], document: pikepdf.Pdf) -> None:
    levels = [int(kind[1]) for kind, _, _ in elements if re.fullmatch(r"H\d", kind)]
    assert levels[0] == 1
    assert all(deeper - level <= 1 for level, deeper in itertools.pairwise(levels))
    with document.open_outline() as outline:
        titles = [item.title for top in outline.root for item in top.children]
    assert titles[:2] == ["Contents", "Experiment 1: 10-Class Classification"]


def test_lists_are_made_of_items_and_say_how_they_are_numbered(elements: list[Element]) -> None:
    for kind, element, _ in elements:
        if kind == "L":
            assert {str(kid.S) for kid in _kids(element)} <= {"/LI", "/L", "/Caption"}
    numberings = Counter(str(element.A.ListNumbering) for kind, element, _ in elements if kind == "L")
    assert numberings["/Decimal"] >= 1  # the references
    assert numberings["/Disc"] > 6
    assert numberings["/None"] == 4  # the contents


def test_all_content_is_tagged_or_an_artifact(document: pikepdf.Pdf, elements: list[Element]) -> None:
    inside = {element.objgen for _, element, _ in elements}
    parents = document.Root.StructTreeRoot.ParentTree.Nums
    owners = {int(parents[at]): parents[at + 1] for at in range(0, len(parents), 2)}
    heads = 0
    for page in document.pages:
        stack: list[str] = []
        for step in pikepdf.parse_content_stream(page):
            operands, operator = step.operands, step.operator
            if str(operator) == "BDC" and "/MCID" in operands[1]:
                assert owners[int(page.StructParents)][int(operands[1].MCID)].objgen in inside
            if str(operator) in {"BDC", "BMC"}:
                stack.append(str(operands[0]))
                heads += str(operator) == "BDC" and operands[1].get("/Type") == "/Pagination"
            elif str(operator) == "EMC":
                stack.pop()
            elif str(operator) in {"Tj", "TJ", "Do", "sh"}:
                assert stack
        assert not stack
    assert heads >= 3 * (len(document.pages) - 1)  # course, roll and page number


def test_links_say_where_they_lead_and_stand_in_the_tree(document: pikepdf.Pdf, elements: list[Element]) -> None:
    links = [annotation for page in document.pages for annotation in page.get("/Annots", [])]
    said = [str(link.Contents) for link in links]
    assert "To Experiment 2: 4-Class Classification" in said
    assert "Web page https://pytorch.org" in said
    assert any(re.fullmatch(r"To Figure 1\. .+", text) for text in said)
    in_tree = {
        kid.Obj.objgen
        for kind, element, _ in elements
        if kind == "Link"
        for kid in _kids(element)
        if isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == "/OBJR"
    }
    assert {link.objgen for link in links} == in_tree
    assert not any(kind == "Link" and "Link" in above for kind, _, above in elements)


def test_the_files_are_attached_with_what_they_are(document: pikepdf.Pdf, computed: Computed) -> None:
    files = {str(file.UF): file for file in document.Root.AF}
    assert list(files) == ["plan.json", "results.json"]
    for file in files.values():
        assert file.AFRelationship == "/Data"
        assert len(str(file.Desc)) > 20
    plan = document.attachments["plan.json"].get_file().read_bytes()
    assert hashlib.sha256(plan).hexdigest() == computed.results.plan_digest


def test_only_the_bundled_fonts_are_used_and_they_are_embedded(document: pikepdf.Pdf) -> None:
    names = set()
    for page in document.pages:
        for font in page.Resources.Font.values():
            below = font.DescendantFonts[0]
            assert {"/FontFile2", "/FontFile3"} & set(below.FontDescriptor.keys())
            names.add(str(below.BaseFont).partition("+")[2])
    assert names <= {"Inter", "Inter-Italic", "Inter-Semi-Bold", "Inter-Symbols"}


def _pdf(*elements: pydyf.Dictionary) -> pydyf.PDF:
    """A document whose structure tree has the elements below its root."""
    pdf = pydyf.PDF()
    top = pydyf.Dictionary({"Type": "/StructElem", "S": "/Document", "K": pydyf.Array()})
    parents, root = pydyf.Dictionary({"Nums": pydyf.Array()}), pydyf.Dictionary()
    for item in (top, parents, root, *elements):
        pdf.add_object(item)
    top["K"].extend(element.reference for element in elements)
    root.update({"K": pydyf.Array([top.reference]), "ParentTree": parents.reference})
    pdf.catalog["StructTreeRoot"] = root.reference
    return pdf


def _art() -> pydyf.Dictionary:
    return pydyf.Dictionary({"Type": "/StructElem", "S": "/Art", "K": pydyf.Array()})


@pytest.mark.parametrize(
    ("tags", "said"), [(0, "1 formulas or lists are not in"), (2, "more formulas or lists than its pages")]
)
def test_a_formula_too_many_or_too_few_is_an_error(tags: int, said: str) -> None:
    with pytest.raises(PdfError, match=said):
        pdf_tags.finish(_pdf(*(_art() for _ in range(tags))), ["x"], {})


@pytest.mark.parametrize("compress", [False, True])
def test_no_stream_ends_in_what_reads_as_a_line_break(compress: bool) -> None:
    text = next(  # a text whose packed bytes end so
        str(number) for number in range(10**6) if pydyf.Stream([str(number)], compress=True).data[:-10].endswith(b"\r")
    )
    stream = pydyf.Stream([text if compress else "a\r"], compress=compress)
    pdf = _pdf()
    pdf.add_object(stream)
    before = stream.data
    pdf_tags.finish(pdf, [], {})
    assert b"\r\nendstream" in before
    assert b"\r\nendstream" not in stream.data
    pdf.catalog["Kept"] = stream.reference
    file = io.BytesIO()
    pdf.write(file)
    with pikepdf.open(file) as opened:
        assert opened.Root.Kept.read_bytes() == (text.encode() if compress else b"a\r")
