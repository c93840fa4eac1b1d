# Targets of a lab's tree; lab.mk has set LAB and LAB_FOLDERS (its own folder comes last).

ifdef SAN
$(error SAN=1: the sanitizers are for the whole course's tree, not for a lab's)
endif

# Student's names never meet those of another file.
BATCH ?= 1

# Kernel tests, probes and programs that only labs use.
KERNEL_SOURCES += $(sort $(wildcard $(LAB_FOLDERS:%=labs/%/kernel/*.cc)))
LAB_PROGRAMS := $(patsubst %.c,$(B)/%,$(sort $(wildcard $(LAB_FOLDERS:%=labs/%/user/*.c))))

# Lab 0: the finished system comes as binaries, and your programs are added as /lab.
ifdef FINISHED
all: $(B)/kernel.elf
$(B)/kernel.elf $(B)/goose.elf: $(B)/%: $(FINISHED)/%
	@mkdir -p $(@D)
	$(Q)cp $< $@
$(B)/root.done: $(B)/finished.done
$(B)/finished.done: $(FINISHED)/initramfs.cpio $(LAB_PROGRAMS)
	$(Q)rm -rf $(B)/root && mkdir -p $(B)/root/lab
	$(Q)cd $(B)/root && cpio --quiet -idm --no-preserve-owner <$(CURDIR)/$<
	$(Q)$(if $(LAB_PROGRAMS),cp $(LAB_PROGRAMS) $(B)/root/lab)
	@touch $@
endif

# TEST selects tests by name, as pytest's -k does; SEED chooses other inputs.
TEST ?=
SEED ?=
HELP_MORE := ; of make grade: TEST=NAME SEED=1
grade: need-grade grade-build  ## run this lab's tests and count points (TEST=NAME for one, SEED=1: other inputs)
	$(Q)GOOSE_BUILD=$(abspath $(B)) $(PYTHON) -m labs grade $(if $(TEST),--test '$(TEST)') \
	    $(if $(SEED),--seed '$(SEED)')

grade-build: all $(LAB_PROGRAMS)

GRADE_PACKAGES = $(RUN_PACKAGES) gdb-multiarch:gdb-multiarch python3 python3-pytest python3-pytest-xdist
need-grade:
	$(Q)tools/need.sh $(GRADE_PACKAGES)

format: need-format  ## lay out the C and C++ files that you changed as .clang-format says
	$(Q){ git diff --name-only --diff-filter=d --relative $$(git rev-list --max-parents=0 HEAD); \
	    git ls-files --others --exclude-standard; } | grep -E '\.(cc|h|c)$$' | xargs -r clang-format -i

submit:  ## make one small archive of what you wrote, to hand in (OUT=file)
	$(Q)$(PYTHON) -B -m labs submit $(if $(OUT),--out '$(OUT)')

next:  ## the next lab with your work in it: FROM=folder, archive or git URL, OUT=new folder
	$(Q)$(PYTHON) -B -m labs next --from '$(FROM)' --out '$(OUT)'

.PHONY: format grade grade-build need-grade submit next
