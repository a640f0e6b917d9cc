"""The package is installed from its folder, as satellites do: contract A045 and A046."""

import importlib.metadata
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent


def test_a045_it_is_installed_from_its_folder() -> None:
    """`pip install -e <path>`, as the test command does it."""
    # The build leaves a description of its own beside the sources, which says nothing of an installation.
    found = importlib.metadata.distributions(name="hub-messenger-client")
    origins = [origin for one in found if (origin := one.read_text("direct_url.json"))]
    assert len(origins) == 1
    assert FOLDER.as_uri() in origins[0]
    assert '"editable": true' in origins[0]


def test_a046_the_requirement_line_resolves() -> None:
    """`hub-messenger-client @ file:///…` in a requirements file."""
    line = f"hub-messenger-client @ {FOLDER.as_uri()}"
    pip = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-deps", "--force-reinstall", line]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)  # noqa: S603  # our own words
    assert done.returncode == 0, done.stderr
    assert "Would install hub-messenger-client" in done.stdout
