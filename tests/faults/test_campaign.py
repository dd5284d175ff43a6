"""A short campaign, always the same: the faults that are over in a few seconds, under load, and then the comparison."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import ROOT

pytestmark = [pytest.mark.engines, pytest.mark.faults]
ROUNDS, SEED = "6", "304"


def test_a_short_campaign_of_faults_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    asked = ["--quick", "--rounds", ROUNDS, "--seed", SEED, "--folder", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.campaign", *asked], cwd=ROOT, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("NOTHING LOST, NOTHING DOUBLED")
