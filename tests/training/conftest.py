"""What the tests of trainings share."""

import pytest

from reportgen.training.engines.engine import Engine
from reportgen.training.engines.fast import prove
from reportgen.training.engines.plain import PLAIN


@pytest.fixture(params=["plain", "fast"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine of a CPU."""
    return PLAIN if request.param == "plain" else prove()
