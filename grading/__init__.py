"""The frame that drives goose from the host: machines, consoles, disks, memory, and time.

Tests of the system, the labs and the grader share it. Verdicts rest on what these modules see
from outside the guest, so nothing in here believes what a guest prints.
"""
