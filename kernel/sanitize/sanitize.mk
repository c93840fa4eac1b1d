# make SAN=1 …: the kernel under the sanitizers, KASan (bad memory accesses) and UBSan (undefined
# behaviour). Included by the Makefile before it chooses what to compile how. No floor knows of it but
# mm, which has the shadow mapped (see map_shadow).
#
# Floor mm's allocators and the memory functions are called through functions of this folder, which
# the linker puts before them; it can only where caller and callee are not one object: so those are
# compiled alone.
SANITIZE_UNDEFINED := -fsanitize=undefined -fno-sanitize=vptr
SANITIZE_ADDRESS := -fsanitize=kernel-address -fsanitize-address-use-after-scope \
    -fasan-shadow-offset=0xdffffff000000000 \
    --param=asan-stack=1 --param=asan-globals=1 --param=asan-instrumentation-with-call-threshold=0

# Without floor mm there is no memory to shadow.
SANITIZE_MEMORY := $(filter mm,$(BUILT_FLOORS))
SANITIZE_SOURCES := $(if $(SANITIZE_MEMORY),$(sort $(wildcard kernel/sanitize/*.cc \
    kernel/sanitize/tests/*.cc)),kernel/sanitize/undefined.cc)
SANITIZE_ALONE := $(SANITIZE_SOURCES) $(filter kernel/mm/%,$(KERNEL_SOURCES))
KERNEL_SOURCES += $(SANITIZE_SOURCES)

# Checks split the paths on which the compiler sees that a variable has been set.
PLAIN_CXXFLAGS := $(KERNEL_CXXFLAGS) -Wno-maybe-uninitialized -DSTACK_SHIFT=15
KERNEL_FLAGS += -DSTACK_SHIFT=15
UNDEFINED_CXXFLAGS := $(PLAIN_CXXFLAGS) $(SANITIZE_UNDEFINED)
KERNEL_CXXFLAGS := $(UNDEFINED_CXXFLAGS) $(if $(SANITIZE_MEMORY),$(SANITIZE_ADDRESS))
$(patsubst %,$(B)/%.o,$(filter-out kernel/sanitize/tests/%,$(SANITIZE_SOURCES))): \
    KERNEL_CXXFLAGS := $(PLAIN_CXXFLAGS)
# The heap alone may look into free blocks; its frames are red zone until they are given out.
$(B)/kernel/mm/heap.cc.o: KERNEL_CXXFLAGS := $(UNDEFINED_CXXFLAGS) \
    -Dallocate_frame=allocate_heap_frame -Dallocate_frames=allocate_heap_frames
# Its callers' ranges are checked before.
$(B)/kernel/base/string.cc.o: KERNEL_CXXFLAGS := $(UNDEFINED_CXXFLAGS)

SANITIZE_WRAPPED := kernel_main memcpy memmove memset memcmp strlen \
    _Z14allocate_frame9FrameFill8FrameUse _Z15allocate_framesj8FrameUse _Z11free_framesR5Framej \
    _ZN5Frame12last_releaseEv _Z13heap_allocatem _Z9heap_freePv _Z10heap_statsv \
    _Z12memory_statsv _Z19heap_release_sparesv _Z16map_kernel_stackv
# The kernel is larger than the room that the boot stage, which has it inside, leaves below it.
KERNEL_LDFLAGS := --defsym=PHYSICAL_START=0x81000000 -T kernel/sanitize/sanitize.ld $(KERNEL_LDFLAGS) \
    $(if $(SANITIZE_MEMORY),$(SANITIZE_WRAPPED:%=--wrap=%))
$(B)/kernel.elf: kernel/sanitize/sanitize.ld
