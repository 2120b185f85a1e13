"""axe-core in a real browser."""

from importlib import resources
from typing import Any

from playwright.sync_api import Page

_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def axe(page: Page) -> tuple[list[Any], set[str]]:
    """What axe finds, and why it can't judge some contrasts. The texts of drawings have a test of their own."""
    # what is too wide becomes a stop of the keyboard in the frame after the layout: on a busy machine axe came before
    page.evaluate("new Promise((done) => { requestAnimationFrame(() => setTimeout(done)); setTimeout(done, 1000); })")
    page.evaluate((resources.files("axe_playwright_python") / "axe.min.js").read_text())
    options = {"runOnly": {"type": "tag", "values": _RULES}, "resultTypes": ["violations", "incomplete"]}
    found = page.evaluate("options => axe.run({ exclude: [['svg > *']] }, options)", options)
    assert len(found["passes"]) > 25
    violations = [
        (rule["id"], [node["html"][:150] + node["failureSummary"] for node in rule["nodes"][:5]])
        for rule in found["violations"]
    ]
    assert {rule["id"] for rule in found["incomplete"]} <= {"color-contrast"}
    checks = [check for rule in found["incomplete"] for node in rule["nodes"] for check in node["any"]]
    return violations, {check["data"]["messageKey"] for check in checks if check["data"]}
