# make analyze, make analyze-threads: what clang says of kernel, boot stage and programs. Included at
# the end of the Makefile, whose batches are its units too. In $(B)/analyze/ UNIT.clang says that clang
# warns of nothing in UNIT, its analysis of the locks that base/annotations.h names included, and
# UNIT.tidy that clang-tidy was content as well.
USER_BATCHES := $(filter user/%,$(BATCHES))
ANALYZE_SOURCES := $(filter %.cc,$(KERNEL_SOURCES)) $(wildcard boot/*.cc kernel/sanitize/*.cc \
    kernel/sanitize/tests/*.cc labs/*/kernel/*.cc user/*/*.c user/*/*/*.c labs/*/user/*.c)
# Clang 14 cannot read C with raw strings, which some have for assembly.
ANALYZE_UNREAD := $(shell grep -lE 'asm.R"|"registers.h"' user/*/*.c labs/*/user/*.c)
ANALYZE_ALONE := $(sort $(filter-out $(ANALYZE_UNREAD) $(foreach batch,$(KERNEL_BATCHES) $(USER_BATCHES),$($(batch).members)), \
    $(ANALYZE_SOURCES)))
ANALYZED_KERNEL := $(addprefix $(B)/analyze/,$(KERNEL_BATCHES) $(basename $(filter %.cc,$(ANALYZE_ALONE))))
ANALYZED_USER := $(addprefix $(B)/analyze/,$(USER_BATCHES) $(basename $(filter %.c,$(ANALYZE_ALONE))))

analyze: $(ANALYZED_KERNEL:=.tidy) $(ANALYZED_USER:=.tidy)
analyze-threads: $(ANALYZED_KERNEL:=.clang)
need-analyze:
	$(Q)tools/need.sh clang:clang clang-tidy:clang-tidy
.PHONY: analyze analyze-threads need-analyze

# As the Makefile and user.mk compile, but for clang's own headers instead of GCC's.
ANALYZE_FLAGS := --target=riscv64-linux-gnu -Ikernel -I$(B)/gen
$(ANALYZED_KERNEL:=.clang) $(ANALYZED_KERNEL:=.tidy): ANALYZE_FLAGS += -march=rv64imac -mabi=lp64 -mcmodel=medany \
    -ffreestanding -fno-pic -std=c++20 -fno-exceptions -fno-rtti -DDEBUG=$(DEBUG) $(if $(FAIL),-DFAIL=1) -Iboot
$(ANALYZED_USER:=.clang) $(ANALYZED_USER:=.tidy): ANALYZE_FLAGS += -march=rv64gc -mabi=lp64d -std=gnu11 \
    $(if $(findstring /user/lib/,$@),-ffreestanding) -nostdlibinc -Iuser/lib/include -iquote user

define analyze_clang
	$(call say,CLANG,$*)
	@mkdir -p $(@D)
	$(Q)clang $(ANALYZE_FLAGS) -Wall -Wextra -Werror -Wthread-safety -Wthread-safety-beta \
	    -fsyntax-only -MMD -MP -MF $(@:.clang=.d) -MT $@ $<
	@touch $@
endef
# In a batch the sources are headers of the unit: the analyzer shall take their functions too.
define analyze_tidy
	$(call say,TIDY,$*)
	$(Q)clang-tidy --quiet --extra-arg=-Xclang --extra-arg=-analyzer-opt-analyze-headers $< -- $(ANALYZE_FLAGS)
	@touch $@
endef

# analyze_units(units, what stands before a unit's name in its source's, what stands behind it)
define analyze_units
$(1:%=$(B)/analyze/%.clang): $(B)/analyze/%.clang: $(2)%$(3) tools/analyze.mk | need-analyze $(ABI_GEN)
	$$(analyze_clang)
$(1:%=$(B)/analyze/%.tidy): $(B)/analyze/%.tidy: $(2)%$(3) $(B)/analyze/%.clang .clang-tidy
	$$(analyze_tidy)
endef
$(eval $(call analyze_units,$(KERNEL_BATCHES),$(B)/gen/,.batch.cc))
$(eval $(call analyze_units,$(USER_BATCHES),$(B)/gen/,.batch.c))
$(eval $(call analyze_units,$(basename $(filter %.cc,$(ANALYZE_ALONE))),,.cc))
$(eval $(call analyze_units,$(basename $(filter %.c,$(ANALYZE_ALONE))),,.c))
-include $(ANALYZED_KERNEL:=.d) $(ANALYZED_USER:=.d)
