"""The instructor's grader: from a folder of submissions to one result for each.

    intake      what was handed in: archives, exports, checkouts, as plain files in memory
    overlay     the lab's pristine tree with the student's listed files in it
    jail        where student code is built and run
    build       one build in the jail, from the grader's own cache
    one         one submission of one lab, from its bytes to its result
    batch       many of them: order, resumption, progress
    result      the one document that everything else is rendered from

Student code is hostile, and a fault of ours never costs a student points.
"""
