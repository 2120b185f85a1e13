"""What PDF/UA-1 and PDF/A-3a ask of a PDF beyond what WeasyPrint writes, put into its objects before they are written.

Running heads become artifacts, headers of tables get their scope, lists their numbering, formulas their element and
reading, links a description, and the metadata the second mark of conformance. Numbers of clauses are those of
ISO 14289-1 and ISO 19005-3.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydyf import Array, Dictionary, String

from reportgen.errors import PdfError
from reportgen.rendering.typesetter import load_weasyprint

FORMULA_TAG = "article"
"""The HTML element that a formula is laid out as: WeasyPrint tags it ``Art``, and nothing else."""
_ART = "/Art"
_NUMBERINGS = {"ol": "Decimal", "ul": "Disc", "dl": "None"}

_PDF_UA = """<rdf:Description xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" rdf:about="" pdfuaid:part="1" />\
<rdf:Description xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" \
xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#" rdf:about="">\
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">\
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>\
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>\
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>\
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">\
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>\
<pdfaProperty:category>internal</pdfaProperty:category>\
<pdfaProperty:description>Part of ISO 14289 to which the document conforms</pdfaProperty:description>\
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""
"""The mark, and the extension schema that PDF/A-3 (6.6.2.3) wants for a property that it doesn't know."""
_END_OF_RDF = b"</rdf:RDF>"


def finish(pdf: Any, described: Sequence[str], titles: Mapping[str, str]) -> None:
    """Change the objects of a `pydyf.PDF` that WeasyPrint tagged.

    Args:
        pdf: the document, every object in it, nothing written yet.
        described: what `descriptions` gave for the pages of the document.
        titles: text of each place that a link of the document leads to, by its anchor.

    Raises:
        PdfError: the document has more or fewer formulas and lists than ``described``.
    """
    root = _object(pdf, pdf.catalog["StructTreeRoot"])
    parents = _object(pdf, root["ParentTree"])
    tree = _Tree(pdf, described)
    tree.complete(_object(pdf, root["K"][0]))
    if tree.unread:
        raise PdfError(f"{len(tree.unread)} formulas or lists are not in the structure tree of the PDF")
    _make_artifacts(pdf, parents, tree.seen)
    _drop(pdf, parents, tree.doubled)
    for item in pdf.objects:
        if isinstance(item, dict) and item.get("Subtype") == "/Link":
            _describe_link(item, titles)
        extra = getattr(item, "extra", {})
        if "Interpolate" in extra:  # ISO 19005-3, 6.2.8
            extra["Interpolate"] = "false"
        if extra.get("Type") == "/Metadata":
            item.compress = False
            item.stream = [item.stream[0].replace(_END_OF_RDF, _PDF_UA.encode() + _END_OF_RDF)]
    for item in pdf.objects:
        if hasattr(item, "extra") and item.data.endswith(b"\r\nendstream"):
            _end_in_no_line_break(item)


def pad(pdf: Any, number: int) -> None:
    """Add empty objects, which nothing refers to: the packed tables of objects end in other bytes then."""
    for _ in range(number):
        pdf.add_object(Dictionary())


def descriptions(box: Any) -> Iterator[str]:
    """What `finish` must know of a box of WeasyPrint's, in order: each formula's reading and each list's numbering."""
    boxes = load_weasyprint("weasyprint.formatting_structure.boxes")
    for child in getattr(box, "children", ()):
        inner = getattr(child, "_box", child)  # a placeholder of something absolutely positioned
        if isinstance(inner, boxes.LineBox | boxes.TextBox):  # called like the element whose text they hold
            yield from descriptions(inner)
            continue
        if inner.element_tag == FORMULA_TAG:
            yield (spoken := inner.element.get("alttext", ""))
            if spoken:
                continue  # a formula, and no article of a user's template
        if inner.element_tag in _NUMBERINGS:
            bare = inner.style["list_style_type"] == "none"
            yield "None" if bare else _NUMBERINGS[inner.element_tag]
        yield from descriptions(inner)


def _object(pdf: Any, reference: bytes) -> Any:
    return pdf.objects[int(reference.split()[0])]


class _Tree:
    """A structure tree while it is completed."""

    def __init__(self, pdf: Any, described: Sequence[str]) -> None:
        self.pdf = pdf
        self.unread = list(reversed(described))
        self.seen: set[int] = set()
        """Numbers of the objects that are elements of the tree."""
        self.doubled: set[int] = set()
        """Numbers of the annotations that stand for a box inside a link, whose own annotation covers it."""

    def complete(self, element: Any, head: bool = False, link: bool = False) -> None:
        """Complete an element and all below it; it may be in the head of a table or inside a link."""
        self.seen.add(element.number)
        kind = element["S"]
        if kind == "/TH":  # ISO 14289-1, 7.5
            element["A"]["Scope"] = "/Column" if head else "/Row"
        elif kind == _ART:  # ISO 14289-1, 7.7
            if spoken := self._next():
                element["S"], element["Alt"] = "/Formula", String(spoken)
        elif kind == "/L":  # ISO 14289-1, 7.6
            element["A"] = Dictionary({"O": "/List", "ListNumbering": f"/{self._next()}"})
        elif kind == "/Link" and link:
            element["S"] = "/Span"  # text generated after a link, such as the number of a page
        for kid in list(element["K"]):
            if not isinstance(kid, bytes):
                continue
            child = _object(self.pdf, kid)
            if child["Type"] == "/OBJR":
                if link:
                    self.doubled.add(int(child["Obj"].split()[0]))
                    element["K"].remove(kid)
                continue
            if element["S"] == "/Formula" and child["S"] == _ART:
                child["S"] = "/NonStruct"  # an anonymous box
            self.complete(child, head or kind == "/THead", link or kind == "/Link")

    def _next(self) -> str:
        if not self.unread:
            raise PdfError("the structure tree of the PDF has more formulas or lists than its pages")
        return self.unread.pop()


def _drop(pdf: Any, parents: Any, annotations: set[int]) -> None:
    """Take annotations out of their pages and out of the tree of parents."""
    for reference in pdf.page_references:
        page = _object(pdf, reference)
        if "Annots" in page:
            page["Annots"] = Array(kept for kept in page["Annots"] if int(kept.split()[0]) not in annotations)
    keys = {pdf.objects[number]["StructParent"] for number in annotations}
    numbers = parents["Nums"]
    pairs = zip(numbers[::2], numbers[1::2], strict=True)
    parents["Nums"] = Array(item for key, value in pairs if key not in keys for item in (key, value))
    for number in annotations:
        pdf.objects[number].clear()


def _make_artifacts(pdf: Any, parents: Any, seen: set[int]) -> None:
    """Mark as an artifact what WeasyPrint tags and hangs nowhere in the tree: heads and feet (ISO 14289-1, 7.8)."""
    pages = [_object(pdf, reference) for reference in pdf.page_references]
    for index, page in enumerate(pages):
        owners = parents["Nums"][2 * index + 1]
        loose = {mcid for mcid, owner in enumerate(owners) if int(owner.split()[0]) not in seen}
        content = _object(pdf, page["Contents"]).stream
        for at, item in enumerate(content):
            if isinstance(item, dict) and item.get("MCID") in loose:
                content[at - 1] = "/Artifact"
                content[at] = Dictionary({"Type": "/Pagination"})
        for mcid in loose:
            _object(pdf, owners[mcid]).clear()
            owners[mcid] = "null"


def _describe_link(link: Any, titles: Mapping[str, str]) -> None:
    """Say where a link leads (ISO 14289-1, 7.18.5): WeasyPrint says the anchor or the address."""
    target = link["Contents"].string
    link["Contents"].string = f"To {titles[target]}" if "Dest" in link else f"Web page {target}"


def _end_in_no_line_break(stream: Any) -> None:
    """Write a stream in hexadecimal digits, since its last byte would be taken for a line break that is no part of it.

    A reader that counts the bytes before ``endstream`` finds another length than is written (ISO 19005-3, 6.1.7.1).
    """
    _, _, content = stream.data.partition(b"stream\n")
    packed = content.removesuffix(b"\nendstream")
    filters = [stream.extra["Filter"]] if "Filter" in stream.extra else ["/FlateDecode"] * stream.compress
    stream.extra["Filter"] = Array(["/ASCIIHexDecode", *filters])
    if "DecodeParms" in stream.extra:
        stream.extra["DecodeParms"] = Array(["null", stream.extra["DecodeParms"]])
    stream.stream, stream.compress = [packed.hex().encode() + b">"], False
