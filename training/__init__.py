"""From a corpus to a registered model: ``prepare``, ``train``, ``evaluate``, ``register``.

Each stage is one module with a small ``main``, run alone (``python -m training.train``) or by DVC
(``dvc repro``). `tracking` alone knows MLflow; `cac` knows nothing of this package.
"""
