"""The versions in constraints.txt load together: the failure of choice is in the import."""

import importlib.util
import subprocess
import sys

import pytest

STACK = (
    *("numpy", "spacy", "medspacy", "torch", "transformers", "datasets", "mlflow", "dvc"),
    *("fastapi", "sklearn", "accelerate", "pyarrow", "pandas", "eflomal"),
)


@pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="installed without the extra `train`"
)
def test_the_whole_stack_imports_in_one_process() -> None:
    code = f"import {', '.join(STACK)}\nprint(numpy.__version__)"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.startswith("1.26.")
