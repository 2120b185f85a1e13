"""reportgen: builds, checks and marks reports for deep-learning course assignments."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reportgen.pipelines.verify import verify

__version__ = "0.3.0"
__all__ = ["__version__", "verify"]


def __getattr__(name: str) -> Any:
    """Load ``reportgen.verify`` when it is first asked for: importing reportgen stays cheap."""
    if name == "verify":
        from reportgen.pipelines.verify import verify

        return verify
    raise AttributeError(f"module 'reportgen' has no attribute {name!r}")
