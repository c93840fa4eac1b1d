# goose: `make help` says what can be made. The architecture is in layers.mk; boot/boot.mk and
# user/user.mk build the boot stage and the user programs.

include layers.mk

B ?= $(if $(filter fs,$(LAYERS)),build,build/upto-$(LAYERS))
CROSS_COMPILE ?= riscv64-linux-gnu-
DEBUG ?= 1
PYTHON ?= /usr/bin/python3

CC := $(CROSS_COMPILE)gcc
CXX := $(CROSS_COMPILE)g++
LD := $(CROSS_COMPILE)ld
NM := $(CROSS_COMPILE)nm
OBJCOPY := $(CROSS_COMPILE)objcopy
AR := $(CROSS_COMPILE)ar

# V=1 shows the commands.
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' $(1) $(2))

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:

KERNEL_FLAGS := -march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany -mno-relax -ffreestanding \
    -fno-pic -fno-omit-frame-pointer -fno-common -fno-asynchronous-unwind-tables -ffunction-sections \
    -O2 -g -Wall -Wextra -Werror -DDEBUG=$(DEBUG) -Ikernel -I$(B)/gen $(EXTRA_KERNEL_FLAGS)
KERNEL_CXXFLAGS := -std=c++20 $(KERNEL_FLAGS) -fno-exceptions -fno-rtti -fno-threadsafe-statics \
    -Wno-dangling-pointer -Wno-invalid-offsetof
KERNEL_LDFLAGS := -nostdlib -static -z max-page-size=4096 -z noexecstack --no-warn-rwx-segments \
    --no-relax --gc-sections --build-id=none -T kernel/kernel.ld

KERNEL_OBJECTS := $(patsubst %,$(B)/%.o,$(KERNEL_SOURCES))

##@ Build
all: $(B)/goose.elf $(B)/initramfs.cpio $(B)/disk.img  ## build kernel, boot stage, programs and disk

##@ Run
RUN_MEMORY ?= 128M
SMP ?= 2
APPEND ?=
QEMU ?= qemu-system-riscv64
QEMU_FLAGS := -machine virt -m $(RUN_MEMORY) -smp $(SMP) -nographic -global virtio-mmio.force-legacy=false

qemu: need-run all  ## boot goose to its shell in this terminal (leave with `poweroff`, or Ctrl-A x)
	$(Q)$(QEMU) $(QEMU_FLAGS) -kernel $(B)/goose.elf \
	    -drive file=$(B)/disk.img,if=none,format=raw,id=d0 -device virtio-blk-device,drive=d0 \
	    -append "root=/dev/vda $(APPEND)"

# --- the kernel ---------------------------------------------------------------------------------

include kernel/abi/abi.mk
GENERATED := $(B)/gen/abi/syscall_numbers.h $(B)/gen/abi/syscall_names.inc

$(B)/%.cc.o: %.cc $(B)/flags.kernel | $(GENERATED)
	$(call say,CXX,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX) $(KERNEL_CXXFLAGS) -MMD -MP -c $< -o $@

$(B)/kernel/%.S.o: kernel/%.S $(B)/flags.kernel | $(GENERATED)
	$(call say,AS,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(KERNEL_FLAGS) -MMD -MP -c $< -o $@

# The memory functions must not become calls to themselves.
$(B)/kernel/base/string.cc.o: KERNEL_CXXFLAGS += -fno-tree-loop-distribute-patterns

# Rebuild when the flags change.
$(B)/flags.kernel: FORCE
	@mkdir -p $(@D)
	@echo '$(CXX) $(KERNEL_CXXFLAGS) $(KERNEL_LDFLAGS) $(LAYERS)' | cmp -s - $@ || \
	    echo '$(CXX) $(KERNEL_CXXFLAGS) $(KERNEL_LDFLAGS) $(LAYERS)' > $@
FORCE:

# Two links: the second adds the table of the functions of the first (see kernel.ld for why their
# addresses stay).
$(B)/kernel.elf: $(KERNEL_OBJECTS) kernel/kernel.ld tools/symbols.awk $(B)/flags.kernel
	$(call say,LD,$@)
	$(Q)$(LD) $(KERNEL_LDFLAGS) $(KERNEL_OBJECTS) -o $(B)/kernel.unnamed.elf
	$(Q)$(NM) -n -C $(B)/kernel.unnamed.elf | awk -f tools/symbols.awk > $(B)/symbols.S
	$(Q)$(CC) $(KERNEL_FLAGS) -c $(B)/symbols.S -o $(B)/symbols.o
	$(Q)$(LD) $(KERNEL_LDFLAGS) $(KERNEL_OBJECTS) $(B)/symbols.o -o $@

-include $(KERNEL_OBJECTS:.o=.d)
-include boot/boot.mk
-include user/user.mk

.PHONY: all qemu FORCE
