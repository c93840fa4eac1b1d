# The tower: its floors from the ground up, each with its sources. A floor includes only itself and
# what stands above it in this list (make layercheck), and every prefix builds, boots and passes its
# kernel tests: `make LAYERS=mm qemu` leaves out all floors after mm.
#
#   base      vocabulary: results, ownership, lists, spans, formatter (also compiled for the host)
#   cpu       harts, traps, interrupts, time, spinlocks, console, panic, device tree, SBI
#   mm        page frames, kernel heap, Sv39 page tables
#   thread    kernel threads, scheduler, sleeping locks, wait queues
#   process   user mode, system calls, address spaces, exec, fork, signals
#   io        open files, pipes, terminal, in-memory root, path lookup
#   block     virtio-mmio, virtio-blk, block cache
#   fs        mounts, name cache, /dev, /proc, ext2
#
# Beside the tower stands kernel/sanitize, above mm: what `make SAN=1` alone adds (sanitize.mk there).

FLOORS := base cpu mm thread process io block fs

# The last floor that is built.
LAYERS ?= fs
ifeq ($(filter $(LAYERS),$(FLOORS)),)
$(error LAYERS=$(LAYERS): no such floor; the floors are: $(FLOORS))
endif

# floors_up_to(list): its words up to and including $(LAYERS).
floors_up_to = $(if $(1),$(firstword $(1)) $(if $(filter $(LAYERS),$(firstword $(1))),,$(call floors_up_to,$(wordlist 2,99,$(1)))))
BUILT_FLOORS := $(strip $(call floors_up_to,$(FLOORS)))

# A floor's sources are those of its folder, of the folders inside it, and its kernel tests.
floor_sources = $(sort $(wildcard $(addprefix kernel/$(1)/,*.cc *.S */*.cc */*.S tests/*.cc)))
KERNEL_SOURCES := kernel/main.cc $(foreach floor,$(BUILT_FLOORS),$(call floor_sources,$(floor)))
