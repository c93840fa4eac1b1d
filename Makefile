# goose: `make help` says what can be made. The architecture is in layers.mk; boot/boot.mk and
# user/user.mk build the boot stage and the user programs.

# A lab's tree says here which lab it is.
-include lab.mk
include layers.mk

# FAIL=1: a kernel whose allocations fail where a program asks for that (docs/debugging.md).
FAIL ?=
B ?= $(if $(FAIL),build/fail,$(if $(filter fs,$(LAYERS)),build,build/upto-$(LAYERS)))
CROSS_COMPILE ?= riscv64-linux-gnu-
DEBUG ?= 1
PYTHON ?= /usr/bin/python3

CC := $(CROSS_COMPILE)gcc
CXX := $(CROSS_COMPILE)g++
LD := $(CROSS_COMPILE)ld
NM := $(CROSS_COMPILE)nm
STRIP := $(CROSS_COMPILE)strip
AR := $(CROSS_COMPILE)ar

# What a make of another tree must not take over from this one.
unexport B LAB LAYERS

# The build uses all cores unless told otherwise.
ifeq ($(filter -j%,$(MAKEFLAGS)),)
MAKEFLAGS += -j$(shell nproc)
endif

# V=1 shows the commands.
Q := $(if $(V),,@)
say = $(if $(V),,$(info $()  $(1) $(2)))

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:

# Targets of a lab's tree, or of the whole one.
LABS_MAKEFILE := labs/$(if $(LAB_FOLDERS),student,course).mk
include $(LABS_MAKEFILE)

KERNEL_FLAGS := -march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany -mno-relax -ffreestanding \
    -fno-pic -fno-omit-frame-pointer -fno-common -fno-asynchronous-unwind-tables -ffunction-sections \
    -O2 -g -Wall -Wextra -Werror -DDEBUG=$(DEBUG) $(if $(FAIL),-DFAIL=1) -Ikernel -I$(B)/gen $(EXTRA_KERNEL_FLAGS)
KERNEL_CXXFLAGS := -std=c++20 $(KERNEL_FLAGS) -fno-exceptions -fno-rtti -fno-threadsafe-statics \
    -Wno-dangling-pointer -Wno-invalid-offsetof
KERNEL_LDFLAGS := -nostdlib -static -z max-page-size=4096 -z noexecstack --no-warn-rwx-segments \
    --no-relax --gc-sections --build-id=none -T kernel/kernel.ld
include $(SANITIZE_MK)

include tools/batch.mk
# The floors' sources are compiled in batches, but for some.
ALONE := kernel/main.cc kernel/base/string.cc $(SANITIZE_ALONE) $(filter %.S labs/%,$(KERNEL_SOURCES))
BATCHED := $(if $(filter 1,$(BATCH)),,$(filter-out $(ALONE),$(KERNEL_SOURCES)))
KERNEL_BATCHES := $(foreach floor,$(BUILT_FLOORS),$(call batches,$(filter kernel/$(floor)/%,$(BATCHED))))
KERNEL_OBJECTS := $(patsubst %,$(B)/%.o,$(filter-out $(BATCHED),$(KERNEL_SOURCES))) \
    $(patsubst %,$(B)/%.batch.o,$(KERNEL_BATCHES))

all: $(B)/goose.elf $(B)/initramfs.cpio $(B)/disk.img  ## build boot stage, kernel, programs, disk

help:  ## this list
	@echo "goose: a teaching operating system. make TARGET [VARIABLE=value …]"
	@sed -nE 's/^([a-z][a-z-]*):[^#]*## (.*)/  \1|\2/p' Makefile $(LABS_MAKEFILE) | while IFS='|' read -r name text; do \
	    printf '  %-16s %s\n' "$$name" "$$text"; done
	@echo "  Variables: SMP=2 MEMORY=128M APPEND='…' (kernel command line) LAYERS=$(LAYERS) DEBUG=1 V=1"
	@echo "             B=$(B) CROSS_COMPILE=$(CROSS_COMPILE)$(HELP_MORE)"

# --- running --------------------------------------------------------------------------------------

SMP ?= 2
MEMORY ?= 128M
APPEND ?=
QEMU ?= qemu-system-riscv64
# Floors below the file systems have the initial archive for a root, the others the disk.
ROOT := $(if $(filter process io block,$(LAYERS)),root=initramfs,root=/dev/vda)
# Wall-clock time comes from the host; the disk keeps what was written for the next run.
RUN := $(QEMU) -machine virt -m $(MEMORY) -smp $(SMP) -nographic -no-reboot \
    -global virtio-mmio.force-legacy=false -kernel $(B)/goose.elf \
    -drive file=$(B)/disk.img,if=none,format=raw,id=d0 -device virtio-blk-device,drive=d0 \
    $(if $(filter root=initramfs,$(ROOT)),-initrd $(B)/initramfs.cpio) -append "$(ROOT) TERM=$(or $(TERM),dumb) $(APPEND)"

qemu: need-run all  ## build and boot in this terminal (leave by `poweroff` in the shell, or Ctrl-A x)
	$(Q)$(RUN)

qemu-gdb: need-run all  ## the same, stopped at the first instruction; then run `gdb-multiarch -q -nx -x .gdbinit`
	@rm -f $(B)/gdb.sock
	@echo "waiting for gdb on $(B)/gdb.sock: run gdb-multiarch -q -nx -x .gdbinit here (see docs/debugging.md)"
	$(Q)$(RUN) -S -chardev socket,path=$(B)/gdb.sock,server=on,wait=off,id=gdb -gdb chardev:gdb

# --- checking -------------------------------------------------------------------------------------

doctor:  ## check tools and versions, boot once, and name what is wrong in one sentence
	$(Q)$(PYTHON) tools/doctor.py --build $(B) --floor $(LAYERS)

clean:  ## remove the build folder
	$(Q)rm -rf $(B)

# What each target needs beyond a plain Debian 12 with make: installed, or said how (tools/need.sh).
BUILD_PACKAGES := $(CROSS_COMPILE)g++:$(if $(findstring unknown-elf,$(CROSS_COMPILE)),gcc-riscv64-unknown-elf,g++-riscv64-linux-gnu) \
    mke2fs:e2fsprogs cpio:cpio
RUN_PACKAGES := $(BUILD_PACKAGES) $(firstword $(QEMU)):qemu-system-misc opensbi
TEST_PACKAGES := $(RUN_PACKAGES) g++-riscv64-linux-gnu gdb-multiarch:gdb-multiarch g++:g++ \
    clang++:clang libclang-rt-14-dev qemu-riscv64:qemu-user python3 python3-pytest \
    python3-pytest-xdist python3-rich python3-yaml python3-distributed bwrap:bubblewrap \
    sim_c++:similarity-tester python3-jinja2 python3-junitparser python3-selenium \
    chromium:chromium chromedriver:chromium-driver xmllint:libxml2-utils
need-run:
	$(Q)tools/need.sh $(RUN_PACKAGES)
need-test:
	$(Q)tools/need.sh $(TEST_PACKAGES)
need-format:
	$(Q)tools/need.sh clang-format:clang-format
# What builds needs the compilers before it starts: make brings a file that it includes up to date
# first of all. The file holds what only the C compiler can say (see user/user.mk).
NO_BUILD := help doctor clean format layercheck count partcheck handout next submit
ifneq ($(filter-out $(NO_BUILD),$(or $(MAKECMDGOALS),all)),)
include $(B)/tools.mk
endif
# Several makes may work in one folder at once, as tests do: each writes a file of its own and moves it.
$(B)/tools.mk: FORCE
	$(Q)tools/need.sh $(BUILD_PACKAGES)
	@mkdir -p $(@D)
	@new=$$(mktemp $@.XXXXXX) && chmod 644 $$new && \
	printf 'USER_HEADERS := %s\nUSER_LIBGCC := %s\n' "$$($(CC) -print-file-name=include)" \
	    "$$($(CC) -march=rv64gc -mabi=lp64d -print-libgcc-file-name)" > $$new && \
	{ cmp -s $$new $@ && rm $$new || mv $$new $@; }

# --- the kernel ---------------------------------------------------------------------------------

include kernel/abi/abi.mk
GENERATED := $(B)/gen/abi/syscall_numbers.h $(B)/gen/abi/syscall_names.inc

$(B)/%.cc.o: %.cc $(B)/flags.kernel | $(GENERATED)
	$(call say,CXX,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(KERNEL_CXXFLAGS) -MMD -MP -c $< -o $@

$(B)/kernel/%.batch.o: $(B)/gen/kernel/%.batch.cc $(B)/flags.kernel | $(GENERATED)
	$(call say,CXX,$(firstword $(subst /, ,$*)): $(call batch_names,kernel/$*))
	@mkdir -p $(@D)
	$(Q)$(CXX) $(KERNEL_CXXFLAGS) -MMD -MP -c $< -o $@
.SECONDARY: $(KERNEL_BATCHES:%=$(B)/gen/%.batch.cc)

$(B)/kernel/%.S.o: kernel/%.S $(B)/flags.kernel | $(GENERATED)
	$(call say,AS,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(KERNEL_FLAGS) -MMD -MP -c $< -o $@

# The memory functions must not become calls to themselves.
$(B)/kernel/base/string.cc.o: KERNEL_CXXFLAGS += -fno-tree-loop-distribute-patterns

# Rebuild when the flags change; link again when the floors do (their objects stay the same).
$(B)/flags.kernel: flags = $(CXX) $(KERNEL_CXXFLAGS) $(KERNEL_LDFLAGS)
$(B)/flags.layers: flags = $(LAYERS)
$(B)/flags.kernel $(B)/flags.layers: FORCE
	@mkdir -p $(@D)
	@echo '$(flags)' | cmp -s - $@ || echo '$(flags)' > $@
FORCE:

# Two links: the second adds the table of the functions of the first (see kernel.ld for why their
# addresses stay).
ifndef FINISHED
$(B)/kernel.elf: $(KERNEL_OBJECTS) kernel/kernel.ld tools/symbols.awk $(B)/flags.kernel \
    $(B)/flags.layers
	$(call say,LD,$@)
	$(Q)$(LD) $(KERNEL_LDFLAGS) $(KERNEL_OBJECTS) -o $(B)/kernel.unnamed.elf
	$(Q)$(NM) -n -C $(B)/kernel.unnamed.elf | awk -f tools/symbols.awk > $(B)/symbols.S
	$(Q)$(CC) $(KERNEL_FLAGS) -c $(B)/symbols.S -o $(B)/symbols.o
	$(Q)$(LD) $(KERNEL_LDFLAGS) $(KERNEL_OBJECTS) $(B)/symbols.o -o $@
endif

-include $(KERNEL_OBJECTS:.o=.d)
-include boot/boot.mk
-include user/user.mk
include $(ANALYZE_MK)

# --- images -----------------------------------------------------------------------------------------

# The root folder, as both images hold it: programs without their debug information.
DISK_SIZE ?= 64M
ROOT_FILES := $(patsubst user/root/%,$(B)/root/%,$(shell find user/root -type f 2>/dev/null))

$(ROOT_FILES): $(B)/root/%: user/root/%
	@mkdir -p $(@D)
	$(Q)cp $< $@

$(B)/root.done: $(USER_BIN) $(ROOT_FILES)
	$(Q)mkdir -p $(addprefix $(B)/root/,bin dev proc tmp root mnt etc)
	$(Q)$(if $(strip $(USER_BIN)),cp $(USER_BIN) $(B)/root/bin && $(STRIP) $(USER_BIN:$(B)/user/%=$(B)/root/%))
	$(Q)chmod 1777 $(B)/root/tmp
	$(Q)for alias in $(USER_ALIASES); do ln -sf "$${alias#*=}" "$(B)/root/bin/$${alias%%=*}"; done
	@touch $@

$(B)/initramfs.cpio: $(B)/root.done
	$(call say,CPIO,$@)
	$(Q)cd $(B)/root && find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0 > ../initramfs.cpio

# make_disk(folder, image)
define make_disk
	$(call say,MKE2FS,$(2))
	$(Q)rm -f $(2)
	$(Q)PATH=$$PATH:/usr/sbin:/sbin mke2fs -q -t ext2 -b 4096 -d $(1) -E root_owner=0:0 $(2) $(DISK_SIZE)
endef

$(B)/disk.img: $(B)/root.done
	$(call make_disk,$(B)/root,$@)

# The same root with user/tests as /tests and user/stress as /stress.
$(B)/tests.img: $(B)/root.done $(USER_TESTS) $(USER_STRESS)
	$(Q)rm -rf $(B)/root-with-tests
	$(Q)cp -al $(B)/root $(B)/root-with-tests
	$(Q)mkdir $(B)/root-with-tests/tests $(B)/root-with-tests/stress
	$(Q)cp -l $(USER_TESTS) $(B)/root-with-tests/tests
	$(Q)$(if $(USER_STRESS),cp -l $(USER_STRESS) $(B)/root-with-tests/stress)
	$(call make_disk,$(B)/root-with-tests,$@)

.PHONY: all help qemu qemu-gdb doctor clean need-run need-test \
    need-format FORCE
