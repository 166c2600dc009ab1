from __future__ import annotations

import pytest


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Threads cost more than they save on so small a model, the more so on a machine that does other work."""
    try:
        import torch
    except ModuleNotFoundError:
        return
    torch.set_num_threads(1)
