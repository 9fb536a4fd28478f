"""The shape of a message is checked before anyone counts on it."""

import json

import pytest
from jupyter_server.services.kernels.connection.base import serialize_msg_to_ws_v1
from livekernel.wire import MOST_OFFSETS, is_well_formed


def message(*, count: int | None = None, buffers: int = 0) -> bytes:
    parts = [json.dumps(part).encode() for part in ({"msg_type": "comm_msg"}, {}, {}, {})]
    whole: bytes = serialize_msg_to_ws_v1(parts + [b"buffer"] * buffers, "shell")
    return whole if count is None else count.to_bytes(8, "little") + whole[8:]


@pytest.mark.parametrize("buffers", [0, 1, 20])
def test_what_jupyter_server_writes_is_well_formed(buffers: int) -> None:
    assert is_well_formed(message(buffers=buffers))


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"\x06",
        message(count=2**62),
        message(count=0),
        message(count=5),
        message(count=7),
        message(buffers=MOST_OFFSETS),
        message()[:-1],
        message()[:20],
        b"{" + message()[1:],
        message()[:8] + (2**40).to_bytes(8, "little") + message()[16:],
    ],
    ids=lambda wrong: wrong[:12].hex(),
)
def test_anything_else_is_not(wrong: bytes) -> None:
    assert not is_well_formed(wrong)
