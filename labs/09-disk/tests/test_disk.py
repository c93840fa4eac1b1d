"""Lab 9, exercises 1 to 4: the driver. The host reads the image, QEMU's view of the device, its
queue and its statistics, and compares what the guest has read with a model."""

from __future__ import annotations

import disk_host as host
import pytest
from disk_host import ERROR, SECTORS, Guest, line

from labs.grade import check, fail

OK_BITS = {"ACKNOWLEDGE": 1, "DRIVER": 2, "DRIVER_OK": 4, "FEATURES_OK": 8}


def feature_names(features: dict) -> set[str]:
    words = [*features.get("transports", []), *features.get("dev-features", [])]
    return {word.split(":")[0] for word in words}


@pytest.mark.points(7, exercise=1)
def test_features_are_agreed(start, symbols, folder, rng):
    """The device has version 1 and flush agreed, nothing the driver cannot do, and is running."""
    guest = Guest(start, symbols, folder, rng, [])
    guest.run_to("disk_lab_stop", "panic")
    status = guest.status()
    seen = feature_names(status["guest-features"])
    for name in ("VIRTIO_F_VERSION_1", "VIRTIO_BLK_F_FLUSH"):
        if name not in seen:
            fail(
                f"feature {name} is not agreed; agreed are {sorted(seen)}",
                "the features are 64 bits, in two halves that the select registers choose; they "
                "are written before FEATURES_OK is set",
            )
    for name in ("VIRTIO_RING_F_EVENT_IDX", "VIRTIO_RING_F_INDIRECT_DESC", "VIRTIO_BLK_F_MQ"):
        if name in seen:
            fail(f"feature {name} is agreed, but nobody wanted it", "accept offered AND wanted")
    names = {text.split(":")[0].removeprefix("VIRTIO_CONFIG_S_") for text in status["status"]["statuses"]}
    check("the device's status bits", seen=sorted(names & set(OK_BITS)), expected=sorted(OK_BITS))


@pytest.mark.points(7, exercise=2)
def test_a_chain_reaches_the_device(start, symbols, folder, rng):
    """One random write: the image holds it, whether or not the kernel hears of its end."""
    sector, count, version = rng.randrange(64, SECTORS - 64), rng.randrange(2, 60), rng.randrange(9999)
    guest = Guest(start, symbols, folder, rng, [line(host.WRITE, sector, count, version)])
    guest.run_until_given_back(1)
    guest.model.write(sector, count, version)
    guest.model.compare(
        guest.image,
        f"after a write of {count} sectors to sector {sector}",
        "the head of the chain goes into the ring, at index modulo size; only then the index",
    )


def transfers(rng, rounds: int) -> list[tuple[int, int, int, int]]:
    return [
        (rng.choice((host.WRITE, host.READ)), rng.randrange(64, SECTORS - 64), rng.randrange(1, 48), n)
        for n in range(rounds)
    ]


def compare_reads(guest: Guest, ops: list[tuple[int, int, int, int]], why: str) -> None:
    guest.run_to_stop(why)
    results = guest.results(len(ops))
    for n, (op, sector, count, version) in enumerate(ops):
        many = op in (host.MANY_WRITE, host.MANY_READ)
        stride = 2 if many else 1
        if op in (host.WRITE, host.MANY_WRITE):
            guest.model.write(sector, count, version, stride)
            expected = 0
        else:
            expected = guest.model.sum(sector, count, stride)
        check(
            f"line {n}: {'write' if expected == 0 else 'read'} of {count} sectors at {sector}",
            seen=results[n],
            expected=expected,
            why="data goes where its descriptor says; the device writes only where the flag lets it",
        )
    guest.model.compare(guest.image, "after the script", "a write was lost or went elsewhere")


@pytest.mark.points(9, exercise=3)
def test_random_transfers(start, symbols, folder, rng):
    """Random reads and writes, many more than the ring has entries, give what the model says."""
    ops = transfers(rng, 300)
    size = rng.choice((16, 32, 64))
    guest = Guest(
        start, symbols, folder, rng, [line(*op) for op in ops], properties=f"queue-size={size}"
    )
    compare_reads(guest, ops, "descriptors that do not come back to the free list run out")
    queue = guest.queue()
    check("chains still with the device", seen=queue["inuse"], expected=0)
    check(
        "requests that the device has taken, modulo 2^16",
        seen=queue["last-avail-idx"],
        expected=len(ops) % 65536,
        why="each request is one chain, offered once",
    )


@pytest.mark.points(9, exercise=4)
def test_more_requests_than_descriptors(start, symbols, folder, rng):
    """Hundreds of requests at once through queues of 4 to 128 entries all finish, each once."""
    for size in (4, rng.choice((8, 16)), 128):
        ops = []
        for n in range(3):
            first = rng.randrange(64, SECTORS - 900)
            count = rng.randrange(200, 400)
            ops += [(host.MANY_WRITE, first, count, n + 1), (host.MANY_READ, first, count, 0)]
        guest = Guest(
            start,
            symbols,
            folder,
            rng,
            [line(*op) for op in ops],
            properties=f"queue-size={size}",
            log=True,
        )
        compare_reads(guest, ops, "one interrupt may stand for many chains, and ends all of them")
        written = [s for _, first, count in guest.events() for s in range(first, first + count)]
        expected = [op[1] + 2 * i for op in ops if op[0] == host.MANY_WRITE for i in range(op[2])]
        check(
            f"sectors in the log of writes, queue of {size}",
            seen=sorted(written),
            expected=sorted(expected),
            why="each request goes to the device once",
        )
        wanted = sum(op[2] for op in ops)
        check(
            f"chains the device was given, queue of {size}",
            seen=guest.queue()["last-avail-idx"],
            expected=wanted % 65536,
            why="what waits for room is offered by the interrupt, once",
        )


@pytest.mark.points(5, exercise=4)
def test_an_error_is_told_and_nothing_else_lost(start, symbols, folder, rng):
    """Where the host lets a sector fail, that request alone gets EIO."""
    bad = rng.randrange(100, 2000) * 8
    rules = "".join(
        f'[inject-error]\nevent = "none"\niotype = "{kind}"\nerrno = "5"\nsector = "{bad}"\n\n'
        for kind in ("read", "write")
    )
    near = bad + rng.choice((-16, 16))
    ops = [
        (host.WRITE, near, 4, 7, 0),
        (host.WRITE, bad, 4, 8, ERROR | host.EIO),
        (host.READ, bad, 1, 0, ERROR | host.EIO),
        (host.WRITE, near + 4, 4, 9, 0),
        (host.FLUSH, 0, 1, 0, 0),
    ]
    guest = Guest(start, symbols, folder, rng, [line(*op[:4]) for op in ops], blkdebug=rules)
    guest.run_to_stop()
    for n, seen in enumerate(guest.results(len(ops))):
        check(f"what line {n} of the script gave", seen=seen, expected=ops[n][4])
    guest.model.write(near, 4, 7)
    guest.model.write(near + 4, 4, 9)
    guest.model.compare(guest.image, "beside a bad sector", "one request's error is its own")
