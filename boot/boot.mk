# The boot stage: $(B)/goose.elf is the stage with the stripped kernel inside. Included by the top
# Makefile; alone, `make -f boot/boot.mk B=DIR TARGET` works too, from the top of the tree.
#
#   $(B)/goose.elf              what QEMU boots: stage and $(B)/kernel.elf
#   stage PAYLOAD=F STAGE=OUT   the stage with any file F inside, linked anew (for tests)
#   boot-host                   the host test programs, under $(B)/boot/host/
#   fuzz-boot, fuzz-device-tree libFuzzer on the ELF loader, or on the device tree reader that boot
#                               stage and kernel share, for FUZZ_SECONDS
B ?= build
CROSS_COMPILE ?= riscv64-linux-gnu-
HOST_CXX ?= $(firstword $(shell command -v clang++ g++))
FUZZ_CXX ?= clang++
FUZZ_SECONDS ?= 60
Q ?= @

BOOT_CXX := $(CROSS_COMPILE)g++
BOOT_FLAGS := -march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany -ffreestanding -O2 -g \
	-fno-pic -fno-pie -fno-omit-frame-pointer -fno-common -Ikernel -Iboot -MMD -MP
# Loops in string.cc must not be recognised as the functions that they implement.
BOOT_CXXFLAGS := $(BOOT_FLAGS) -std=c++20 -fno-exceptions -fno-rtti -fno-threadsafe-statics \
	-fno-asynchronous-unwind-tables -fno-stack-protector -fno-tree-loop-distribute-patterns \
	-Wall -Wextra -Wno-unused-parameter -Wno-unused-function -Werror
BOOT_LDFLAGS := -nostdlib -static -no-pie -Wl,--build-id=none,-z,max-page-size=4096 \
	-Wl,--no-warn-rwx-segments

# What the stage takes from the kernel's vocabulary.
BOOT_BASE := format.cc string.cc device_tree.cc tree_node.cc
BOOT_SOURCES := $(filter-out payload.S,$(notdir $(sort $(wildcard boot/*.S boot/*.cc))))
BOOT_OBJECTS := $(addprefix $(B)/boot/,$(addsuffix .o,$(BOOT_SOURCES)) \
	$(addprefix base/,$(addsuffix .o,$(BOOT_BASE))))

.PHONY: boot stage boot-host fuzz-boot fuzz-device-tree boot-force
boot: $(B)/goose.elf

# Rebuild when the flags change.
$(B)/boot/flags: boot-force
	@mkdir -p $(@D)
	@echo '$(BOOT_CXX) $(BOOT_CXXFLAGS) $(BOOT_LDFLAGS)' | cmp -s - $@ || \
	    echo '$(BOOT_CXX) $(BOOT_CXXFLAGS) $(BOOT_LDFLAGS)' > $@
boot-force:

$(B)/boot/%.S.o: boot/%.S $(B)/boot/flags
	$(call say,AS,$<)
	@mkdir -p $(@D)
	$(Q)$(BOOT_CXX) $(BOOT_FLAGS) -c $< -o $@

$(B)/boot/%.cc.o: boot/%.cc $(B)/boot/flags
	$(call say,CXX,$<)
	@mkdir -p $(@D)
	$(Q)$(BOOT_CXX) $(BOOT_CXXFLAGS) -c $< -o $@

$(B)/boot/base/%.cc.o: kernel/base/%.cc $(B)/boot/flags
	$(call say,CXX,$<)
	@mkdir -p $(@D)
	$(Q)$(BOOT_CXX) $(BOOT_CXXFLAGS) -c $< -o $@

# link_stage(payload, output): the payload's object is made anew, as .incbin hides the dependency.
define link_stage
	$(Q)$(BOOT_CXX) $(BOOT_FLAGS) -MF /dev/null '-DPAYLOAD="$(1)"' -c boot/payload.S -o $(2).o
	$(Q)$(BOOT_CXX) $(BOOT_LDFLAGS) -T boot/boot.ld $(BOOT_OBJECTS) $(2).o -o $(2)
	$(Q)rm -f $(2).o
endef

$(B)/boot/kernel.stripped: $(B)/kernel.elf
	@mkdir -p $(@D)
	$(Q)$(CROSS_COMPILE)objcopy --strip-all $< $@

$(B)/goose.elf: $(B)/boot/kernel.stripped $(BOOT_OBJECTS) boot/boot.ld boot/payload.S
	$(call say,LD,$@)
	$(call link_stage,$<,$@)

stage: $(BOOT_OBJECTS)
	$(call link_stage,$(PAYLOAD),$(STAGE))

# The same sources on the host, under the sanitizers.
HOST_FLAGS := -std=c++20 -g -O1 -Wall -Wextra -Werror -DGOOSE_HOST -Ikernel -Iboot -MMD -MP \
	-fsanitize=address,undefined -fno-sanitize-recover=all
HOST_BASE := $(addprefix kernel/base/,device_tree.cc tree_node.cc format.cc)
BOOT_HOST := $(addprefix $(B)/boot/host/,elf_check device_tree_test)
BOOT_FUZZ := $(addprefix $(B)/boot/host/,fuzz_elf fuzz_device_tree)

boot-host: $(BOOT_HOST)

$(B)/boot/host/%: boot/tests/%.cc boot/elf_loader.cc $(HOST_BASE) boot/boot.mk
	@mkdir -p $(@D)
	$(Q)$(HOST_CXX) $(HOST_FLAGS) $(filter %.cc,$^) -o $@

$(BOOT_FUZZ): $(B)/boot/host/%: boot/tests/%.cc boot/elf_loader.cc $(HOST_BASE) boot/boot.mk
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CXX) $(HOST_FLAGS) -O2 -fsanitize=fuzzer $(filter %.cc,$^) -o $@

fuzz-boot: $(B)/boot/host/fuzz_elf  ## libFuzzer on the boot stage's ELF loader, for FUZZ_SECONDS (60)
	@mkdir -p $(B)/boot/corpus/elf
	$< -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -print_final_stats=1 \
		-artifact_prefix=$(B)/boot/corpus/ $(B)/boot/corpus/elf

fuzz-device-tree: $(B)/boot/host/fuzz_device_tree
	@mkdir -p $(B)/boot/corpus/device_tree
	$< -max_total_time=$(FUZZ_SECONDS) -max_len=2048 -print_final_stats=1 \
		-artifact_prefix=$(B)/boot/corpus/ $(B)/boot/corpus/device_tree

-include $(BOOT_OBJECTS:.o=.d) $(BOOT_HOST:=.d) $(BOOT_FUZZ:=.d)
