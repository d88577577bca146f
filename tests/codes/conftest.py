from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep compiled code sets out of the user's cache folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CAC_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
