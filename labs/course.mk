# Targets of the whole tree, where instructors and goose's developers work: not in handouts.

# SAN=1 builds, boots and tests the kernel under the sanitizers, in a build folder of its own.
ifdef SAN
SANITIZE_MK := kernel/sanitize/sanitize.mk
ifeq ($(origin B),file)
B := $(B)/san
endif
endif

HELP_MORE := $() SAN=1; all are explained in docs/tour.md

demo: need-test all  ## a lecture on the live kernel: D=boot, D=fault or D=write (AUTO=1: no pauses)
	$(Q)$(PYTHON) tools/demo.py --build $(B) $(if $(AUTO),--auto) $(D)

# --- checking -------------------------------------------------------------------------------------

# TESTS selects: make test TESTS="-k ext2".
TESTS ?=
test: need-test all $(B)/tests.img  ## run all tests (TESTS="-k NAME" for some)
	$(Q)GOOSE_BUILD=$(abspath $(B)) $(PYTHON) -m pytest -n 2 $(if $(SAN),$(SAN_TESTS)) $(TESTS)
# Under SAN=1 what runs on the kernel: not the host's own tests, nor those of grading and labs.
SAN_TESTS := tests --ignore-glob='*_host.py'

# SECONDS of random system calls, IMAGES damaged disks; GOOSE_SEED=7 tries others.
stress: need-test all $(B)/tests.img  ## system calls with any arguments, storms, damaged disks (SECONDS=60 IMAGES=1000)
	$(Q)GOOSE_STRESS=all GOOSE_BUILD=$(abspath $(B)) $(if $(SECONDS),SECONDS=$(SECONDS)) $(if $(IMAGES),IMAGES=$(IMAGES)) \
	    $(PYTHON) -m pytest tests/test_stress.py -s -n 0 $(TESTS)

fail-allocations: need-test all $(B)/tests.img  ## every user test with every allocation failing once, and every n-th (STEP=1 FROM=1 TO=2000 CONTINUE=1)
	$(Q)$(if $(CONTINUE),,rm -f $(B)/fail/passed-*)
	$(Q)GOOSE_FAIL=all $(if $(CONTINUE),CONTINUE=1) $(if $(STEP),STEP=$(STEP)) $(if $(FROM),FROM=$(FROM)) $(if $(TO),TO=$(TO)) \
	    GOOSE_BUILD=$(abspath $(B)) $(PYTHON) -m pytest -n 2 tests/test_failing.py $(TESTS)

spoof: need-test  ## hostile submissions, all of them, in both jails (make test has some)
	$(Q)GOOSE_SPOOFS=all GOOSE_BUILD=$(abspath $(B)) $(PYTHON) -m pytest -n 2 grading/tests/test_spoofs.py $(TESTS)

ANALYZE_MK := tools/analyze.mk
analyze: analyze-threads  ## clang's thread-safety analysis (analyze-threads, quick) and clang-tidy

layercheck:  ## check that every include points downward
	$(Q)$(PYTHON) tools/layercheck.py

count:  ## lines of the kernel, floor by floor, against their budget
	$(Q)$(PYTHON) tools/count.py

partcheck:  ## check the markers of the parts that labs are cut from
	$(Q)$(PYTHON) -m labs.parts check

format: need-format  ## lay out all C and C++ as .clang-format says
	$(Q)git ls-files '*.cc' '*.h' '*.c' | xargs clang-format -i

bench: need-bench all $(B)/user/bench/bench  ## what system calls cost, beside Linux's (ROWS="open stat" for some)
	$(Q)$(PYTHON) tools/bench.py --build $(B) $(ROWS)
need-bench: need-test
	$(Q)tools/need.sh python3-matplotlib

# --- labs -----------------------------------------------------------------------------------------

handout:  ## cut a lab's handout: LAB=paging OUT=folder (SOLVED=no: earlier parts stay stubs)
	$(Q)$(PYTHON) -m labs handout '$(LAB)' '$(OUT)' $(if $(filter no,$(SOLVED)),--unsolved)

verify-labs: need-test  ## prove the labs: reference, stubs, every mutant (LAB=paging for one)
	$(Q)$(PYTHON) -m labs verify $(LAB)

# JOBS: runs at the same time. OUT keeps them; with the same OUT a battery that was stopped goes on.
TIMES ?= 20
LOAD ?= 0
steady: need-test  ## the reference's tests again and again: LAB=paging TIMES=20 LOAD=4 OUT=file.json
	$(Q)$(PYTHON) -m labs steady $(LAB) --times '$(TIMES)' --load '$(LOAD)' $(if $(JOBS),--jobs '$(JOBS)') \
	    $(if $(OUT),--out '$(OUT)')

course-walk: need-test  ## walk from lab 0 to the last: handout, solve, grade, submit, next
	$(Q)rm -rf $(B)/walk
	$(Q)$(PYTHON) -m labs walk $(B)/walk $(LAB)

# --- grading --------------------------------------------------------------------------------------

GOOSE_GRADE := tools/goose-grade
GRADE_PACKAGES = $(RUN_PACKAGES) gdb-multiarch:gdb-multiarch bwrap:bubblewrap python3 python3-pytest \
    python3-pytest-xdist python3-rich python3-yaml python3-jinja2 $(if $(CLUSTER),python3-distributed)
need-grade:
	$(Q)tools/need.sh $(GRADE_PACKAGES)

grade-class: need-grade  ## grade a class: SUBMISSIONS=folder OUT=folder (LAB=… CLASS=class.toml JOBS=… CLUSTER=…)
	$(Q)$(GOOSE_GRADE) class '$(SUBMISSIONS)' --out '$(OUT)' $(LAB:%=--lab %) $(if $(CLASS),--class '$(CLASS)') \
	    $(if $(JOBS),--jobs $(JOBS)) $(if $(CLUSTER),--cluster '$(CLUSTER)')

grade-report: need-grade  ## pages and gradebook of a graded class: OUT=its folder; into OUT/html, OUT/grades.csv
	$(Q)$(GOOSE_GRADE) report '$(OUT)' --html '$(OUT)/html' --csv '$(OUT)/grades.csv'

gradescope:  ## a lab's autograder for Gradescope: LAB=paging (OUT=file VARIANTS=visible SECRET=file)
	$(Q)$(GOOSE_GRADE) gradescope '$(LAB)' $(if $(OUT),'$(OUT)') \
	    $(if $(VARIANTS),--variants '$(VARIANTS)') $(if $(SECRET),--secret '$(SECRET)')

classroom:  ## a lab's template repository for GitHub Classroom: LAB=paging OUT=folder
	$(Q)$(GOOSE_GRADE) classroom '$(LAB)' '$(OUT)'

# WORDS are for goose-grade: WORDS='--time-scale 32' on a machine that does other things too.
class-test: need-test  ## grade 60 synthetic submissions, killed on the way, here and on a cluster
	$(Q)$(PYTHON) -m grading.tests.class_test $(B)/class-test -- $(WORDS)

.PHONY: stress fail-allocations need-grade grade-class grade-report gradescope classroom class-test demo bench need-bench format test spoof layercheck count partcheck handout verify-labs steady course-walk analyze analyze-threads need-analyze
