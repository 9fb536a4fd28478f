"""What is kept for a page whose line is down: all that fits, then the newest, and every status."""

import json

from jupyter_client.session import DELIM
from livekernel.offline import Message, Offline


def message(kind: str, size: int = 0, number: int = 0) -> Message:
    header = json.dumps({"msg_type": kind, "number": number}).encode()
    return "iopub", [b"kernel.topic", DELIM, b"signature", header, b"{}", b"{}", b"{}", bytes(size)]


def numbers(kept: Offline) -> list[int]:
    return [json.loads(parts[3])["number"] for _, parts in kept]


def test_what_fits_is_kept_in_its_order() -> None:
    kept = Offline()
    for number, kind in enumerate(["status", "comm_msg", "stream", "status"]):
        kept.append(message(kind, 1000, number))
    assert numbers(kept) == [0, 1, 2, 3]
    assert len(kept) == 4


def test_the_oldest_go_but_no_status() -> None:
    kept = Offline(most=2500)
    for number, kind in enumerate(["comm_msg", "status", "comm_msg", "comm_msg", "status"]):
        kept.append(message(kind, 1000, number))
    assert numbers(kept) == [1, 2, 3, 4]


def test_one_that_is_larger_than_all_is_not_kept() -> None:
    kept = Offline(most=2500)
    kept.append(message("comm_msg", 3000))
    assert len(kept) == 0
    kept.append(message("comm_msg", 1000, 1))
    assert numbers(kept) == [1]


def test_there_is_an_end_of_statuses_too() -> None:
    kept = Offline(most=2500, statuses=3)
    for number in range(10):
        kept.append(message("status", 0, number))
    kept.append(message("comm_msg", 1000, 10))
    assert numbers(kept) == [7, 8, 9, 10]


def test_what_is_no_message_counts_as_large() -> None:
    kept = Offline(most=100)
    kept.append(("iopub", [b"no delimiter"]))
    kept.append(("iopub", [DELIM, b"", b"not json"]))
    assert len(kept) == 2
    kept.append(("iopub", [bytes(100)]))
    assert len(kept) == 1
