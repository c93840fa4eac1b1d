"""What can go wrong around a guest, told apart so that a grader can turn each into a verdict.

A `GuestError` is the guest's doing; a `HostError` is ours or the machine's and never counts
against the code under test.
"""

from __future__ import annotations


class GuestError(Exception):
    """The guest did not do what was asked of it."""


class GuestPanic(GuestError):
    """The console showed a panic, a failed kernel test, or a refusal of the boot stage."""


class GuestEnded(GuestError):
    """The guest ended while something was still expected of it."""


class GuestTimeout(GuestError):
    """What was expected did not come in time."""


class GuestOverflow(GuestError):
    """The guest printed more than a console keeps."""


class HostError(Exception):
    """QEMU, a tool, or this package failed: not the guest's fault."""
