# Targets of the whole tree, where instructors and goose's developers work: not in handouts.

demo: need-test all  ## a lecture on the live kernel: D=boot, D=fault or D=write (AUTO=1: no pauses)
	$(Q)$(PYTHON) tools/demo.py --build $(B) $(if $(AUTO),--auto) $(D)

# --- checking -------------------------------------------------------------------------------------

# TESTS selects: make test TESTS="-k ext2".
TESTS ?=
test: need-test all $(B)/tests.img  ## run all tests (TESTS="-k NAME" for some)
	$(Q)GOOSE_BUILD=$(abspath $(B)) $(PYTHON) -m pytest -n 2 $(TESTS)

layercheck:  ## check that every include points downward
	$(Q)$(PYTHON) tools/layercheck.py

count:  ## lines of the kernel, floor by floor, against their budget
	$(Q)$(PYTHON) tools/count.py

partcheck:  ## check the markers of the parts that labs are cut from
	$(Q)$(PYTHON) -m labs.parts check

bench: need-bench all $(B)/user/bench/bench  ## what system calls cost, beside Linux's (ROWS="open stat" for some)
	$(Q)$(PYTHON) tools/bench.py --build $(B) $(ROWS)
need-bench: need-test
	$(Q)tools/need.sh python3-matplotlib

# --- labs -----------------------------------------------------------------------------------------

handout:  ## cut a lab's handout: LAB=paging OUT=folder (SOLVED=no: earlier parts stay stubs)
	$(Q)$(PYTHON) -m labs handout '$(LAB)' '$(OUT)' $(if $(filter no,$(SOLVED)),--unsolved)

verify-labs: need-test  ## prove the labs: reference, stubs, every mutant (LAB=paging for one)
	$(Q)$(PYTHON) -m labs verify $(LAB)

course-walk: need-test  ## walk from lab 0 to the last: handout, solve, grade, submit, next
	$(Q)rm -rf $(B)/walk
	$(Q)$(PYTHON) -m labs walk $(B)/walk $(LAB)

.PHONY: demo bench need-bench test layercheck count partcheck handout verify-labs course-walk
