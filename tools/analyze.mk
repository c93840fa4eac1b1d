# make analyze, make analyze-threads: what clang says of kernel and boot stage. Included at the end of
# the Makefile, whose batches are its units too. In $(B)/analyze/ UNIT.threads says that UNIT passed the
# analysis of the locks that base/annotations.h names, and UNIT.tidy that clang-tidy was content.
ANALYZE_BATCHES := $(KERNEL_BATCHES)
ANALYZE_SINGLES := $(basename $(filter %.cc,$(filter-out $(BATCHED),$(KERNEL_SOURCES))) $(wildcard boot/*.cc))
ANALYZED := $(addprefix $(B)/analyze/,$(ANALYZE_BATCHES) $(ANALYZE_SINGLES))
ANALYZE_FLAGS := --target=riscv64-linux-gnu -march=rv64imac -mabi=lp64 -mcmodel=medany -ffreestanding \
    -fno-pic -std=c++20 -fno-exceptions -fno-rtti -DDEBUG=$(DEBUG) -Ikernel -Iboot -I$(B)/gen

analyze: $(ANALYZED:=.tidy)
analyze-threads: $(ANALYZED:=.threads)
need-analyze:
	$(Q)tools/need.sh clang++:clang clang-tidy:clang-tidy
.PHONY: analyze analyze-threads need-analyze

define analyze_threads
	$(call say,CLANG,$*)
	@mkdir -p $(@D)
	$(Q)clang++ $(ANALYZE_FLAGS) -Wall -Wextra -Werror -Wthread-safety -Wthread-safety-beta \
	    -fsyntax-only -MMD -MP -MF $(@:.threads=.d) -MT $@ $<
	@touch $@
endef
# In a batch the sources are headers of the unit: the analyzer shall take their functions too.
define analyze_tidy
	$(call say,TIDY,$*)
	$(Q)clang-tidy --quiet --extra-arg=-Xclang --extra-arg=-analyzer-opt-analyze-headers \
	    $(filter %.cc,$^) -- $(ANALYZE_FLAGS)
	@touch $@
endef

ANALYZE_AFTER := tools/analyze.mk | need-analyze $(GENERATED)
$(ANALYZE_BATCHES:%=$(B)/analyze/%.threads): $(B)/analyze/%.threads: $(B)/gen/%.batch.cc $(ANALYZE_AFTER)
	$(analyze_threads)
$(ANALYZE_SINGLES:%=$(B)/analyze/%.threads): $(B)/analyze/%.threads: %.cc $(ANALYZE_AFTER)
	$(analyze_threads)
$(ANALYZE_BATCHES:%=$(B)/analyze/%.tidy): $(B)/analyze/%.tidy: $(B)/gen/%.batch.cc $(B)/analyze/%.threads .clang-tidy
	$(analyze_tidy)
$(ANALYZE_SINGLES:%=$(B)/analyze/%.tidy): $(B)/analyze/%.tidy: %.cc $(B)/analyze/%.threads .clang-tidy
	$(analyze_tidy)
-include $(ANALYZED:=.d)
