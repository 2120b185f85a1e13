"""The process that prints our own feedback pages: bounded in memory and time.

It opens no file of a stranger, and WeasyPrint and fontconfig write temporary ones of their own: a process that may
write nothing can't print.
"""

import base64
from datetime import datetime
from typing import Any

from reportgen.grading.pages.feedback import feedback_pdf
from reportgen.sandbox.serve import serve


def _answer(request: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
    pdf = feedback_pdf(request["page"], datetime.fromisoformat(request["moment"]))
    return {"pdf": base64.b64encode(pdf).decode()}


if __name__ == "__main__":
    serve(dict, _answer, closed=False)
