"""The instructor's grader: from a folder of submissions to one result for each.

    intake      what was handed in: archives, exports, checkouts, as plain files in memory (archive, members)
    overlay     which of these files are graded, and laying them over the lab's own tree
    pristine    the lab as the grader has it: its trees, a build of it, the list of its tests
    jail        where student code is built and run (toolchain: what a jail holds)
    build       one build in the jail, from a copy of the pristine one
    outcomes    from what the tests said to points and verdicts
    one         one submission of one lab, from its bytes to its result
    batch       many of them: order, resumption, progress
    result      the one document that everything else is rendered from

Student code is hostile, and a fault of ours never costs a student points.
"""
