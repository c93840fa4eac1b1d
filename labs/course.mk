# Targets of the whole tree, where instructors and goose's developers work: not in handouts.

demo: need-test all  ## a lecture on the live kernel: D=boot, D=fault or D=write (AUTO=1: no pauses)
	$(Q)$(PYTHON) tools/demo.py --build $(B) $(if $(AUTO),--auto) $(D)

# --- checking -------------------------------------------------------------------------------------

# TESTS selects: make test TESTS="-k ext2".
TESTS ?=
test: need-test all $(B)/tests.img  ## run all tests (TESTS="-k NAME" for some)
	$(Q)GOOSE_BUILD=$(abspath $(B)) $(PYTHON) -m pytest -n 2 $(TESTS)

spoof: need-test  ## hostile submissions, all of them, in both jails (make test has some)
	$(Q)GOOSE_SPOOFS=all GOOSE_BUILD=$(abspath $(B)) $(PYTHON) -m pytest -n 2 grading/tests/test_spoofs.py $(TESTS)

layercheck:  ## check that every include points downward
	$(Q)$(PYTHON) tools/layercheck.py

count:  ## lines of the kernel, floor by floor, against their budget
	$(Q)$(PYTHON) tools/count.py

partcheck:  ## check the markers of the parts that labs are cut from
	$(Q)$(PYTHON) -m labs.parts check

# --- labs -----------------------------------------------------------------------------------------

handout:  ## cut a lab's handout: LAB=paging OUT=folder (SOLVED=no: earlier parts stay stubs)
	$(Q)$(PYTHON) -m labs handout '$(LAB)' '$(OUT)' $(if $(filter no,$(SOLVED)),--unsolved)

verify-labs: need-test  ## prove the labs: reference, stubs, every mutant (LAB=paging for one)
	$(Q)$(PYTHON) -m labs verify $(LAB)

course-walk: need-test  ## walk from lab 0 to the last: handout, solve, grade, submit, next
	$(Q)rm -rf $(B)/walk
	$(Q)$(PYTHON) -m labs walk $(B)/walk $(LAB)

# --- grading --------------------------------------------------------------------------------------

gradescope:  ## a lab's autograder for Gradescope: LAB=paging (OUT=file VARIANTS=visible SECRET=file)
	$(Q)$(PYTHON) -m grading.reports.cli gradescope '$(LAB)' $(if $(OUT),'$(OUT)') \
	    $(if $(VARIANTS),--variants '$(VARIANTS)') $(if $(SECRET),--secret '$(SECRET)')

classroom:  ## a lab's template repository for GitHub Classroom: LAB=paging OUT=folder
	$(Q)$(PYTHON) -m grading.reports.cli classroom '$(LAB)' '$(OUT)'

.PHONY: demo test spoof layercheck count partcheck handout verify-labs course-walk gradescope classroom
