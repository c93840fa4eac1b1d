# Builds goose's C library and programs.
#
# Included by the top Makefile, which sets B, CROSS_COMPILE and Q; alone it works too:
#   make -f user/user.mk B=/some/folder all-user
#
# user/lib/*        -> $(B)/user/libc.a, $(B)/user/crt0.o
# user/bin/NAME.c   -> $(B)/user/bin/NAME     (a folder user/bin/NAME/ of sources is one program too)
# user/tests/NAME.c -> $(B)/user/tests/NAME
# user/bench/NAME.c -> $(B)/user/bench/NAME
# user/stress/NAME.c -> $(B)/user/stress/NAME
#
# Offers upward: USER_BIN, USER_TESTS, USER_BENCH, USER_STRESS (the lists of programs), USER_ALIASES (NAME=PROGRAM:
# symbolic links beside the programs, such as [ for test) and the target all-user.
# The programs are static Linux executables: `qemu-riscv64 $(B)/user/bin/echo hi` runs them.

B ?= build
CROSS_COMPILE ?= riscv64-linux-gnu-

ifndef Q
ifeq ($(V),)
Q := @
endif
endif

all-user:

include kernel/abi/abi.mk

USER_CC := $(CROSS_COMPILE)gcc
USER_AR := $(CROSS_COMPILE)ar
# The compiler's own headers and helper functions; the top Makefile says them.
USER_HEADERS ?= $(shell $(USER_CC) -print-file-name=include 2>/dev/null)
USER_LIBGCC ?= $(shell $(USER_CC) -march=rv64gc -mabi=lp64d -print-libgcc-file-name 2>/dev/null)
USER_INCLUDE := -nostdinc -isystem $(USER_HEADERS) \
                -Iuser/lib/include -Ikernel -I$(B)/gen
USER_FLAGS := -march=rv64gc -mabi=lp64d -O2 -g -Wall -Wextra -Werror -Wno-format-truncation \
              -MMD -MP $(USER_INCLUDE)
USER_CFLAGS := -std=gnu11 $(USER_FLAGS) -fno-pie -fno-stack-protector -U_FORTIFY_SOURCE \
               -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables
# The library implements what the compiler would otherwise put in its place.
USER_LIB_CFLAGS := $(USER_CFLAGS) -ffreestanding -fno-tree-loop-distribute-patterns
# ld itself: the compiler's driver would take as long again.
USER_LD := $(CROSS_COMPILE)ld
USER_LDFLAGS := -m elf64lriscv -static -nostdlib --gc-sections -z max-page-size=4096 -z noexecstack \
                --build-id=none

# One line per step, unless V=1 shows the commands themselves.
user_say = $(if $(Q),$(info $()  $(1) $(2)))

include tools/batch.mk
# user_objects(C sources of one folder): their objects, or those of their batches.
user_objects = $(patsubst user/%,$(B)/user/obj/%.o,\
    $(if $(filter 1,$(BATCH)),$(basename $(1)),$(addsuffix .batch,$(call batches,$(1)))))

USER_LIB_OBJECTS := $(call user_objects,$(wildcard user/lib/*.c)) \
                    $(patsubst user/lib/%.S,$(B)/user/obj/lib/%.o,\
                      $(filter-out user/lib/crt0.S,$(wildcard user/lib/*.S))) \
                    $(B)/user/obj/lib/syscall_stubs.o
USER_LIB := $(B)/user/crt0.o $(B)/user/libc.a

user_single = $(patsubst user/$(1)/%.c,$(B)/user/$(1)/%,$(wildcard user/$(1)/*.c))
user_folders = $(patsubst user/$(1)/%/,%,$(sort $(dir $(wildcard user/$(1)/*/*.c))))

USER_BIN_FOLDERS := $(call user_folders,bin)
USER_BIN := $(call user_single,bin) $(addprefix $(B)/user/bin/,$(USER_BIN_FOLDERS))
USER_TESTS := $(call user_single,tests)
USER_BENCH := $(call user_single,bench)
USER_STRESS := $(call user_single,stress)
USER_PROGRAMS := $(USER_BIN) $(USER_TESTS) $(USER_BENCH) $(USER_STRESS)

USER_FOLDERS := $(addprefix $(B)/user/,bin tests bench stress obj/lib obj/bin obj/tests obj/bench \
                  obj/stress \
                  $(addprefix obj/bin/,$(USER_BIN_FOLDERS)))
$(USER_FOLDERS):
	$(Q)mkdir -p $@

# Programs that look at the name they are called by.
USER_ALIASES := [=test whoami=id halt=poweroff reboot=poweroff

all-user: $(USER_PROGRAMS) $(B)/user/aliases
.PHONY: all-user

$(B)/user/aliases: user/user.mk | $(USER_FOLDERS)
	$(Q)for alias in $(USER_ALIASES); do \
	    ln -sf "$${alias#*=}" "$(B)/user/bin/$${alias%=*}"; done
	$(Q)touch $@

$(B)/user/obj/lib/%.o: user/lib/%.c user/user.mk | $(ABI_GEN) $(USER_FOLDERS)
	$(call user_say,CC,$<)
	$(Q)$(USER_CC) $(USER_LIB_CFLAGS) -c $< -o $@

$(B)/user/obj/lib/%.batch.o: $(B)/gen/user/lib/%.batch.c user/user.mk | $(ABI_GEN) $(USER_FOLDERS)
	$(call user_say,CC,lib: $(call batch_names,user/lib/$*))
	$(Q)$(USER_CC) $(USER_LIB_CFLAGS) -iquote user -c $< -o $@

$(B)/user/obj/lib/%.o: user/lib/%.S user/user.mk | $(ABI_GEN) $(USER_FOLDERS)
	$(call user_say,AS,$<)
	$(Q)$(USER_CC) $(USER_FLAGS) -c $< -o $@

$(B)/user/crt0.o: user/lib/crt0.S user/user.mk | $(USER_FOLDERS)
	$(Q)$(USER_CC) $(USER_FLAGS) -c $< -o $@

$(B)/user/obj/lib/syscall_stubs.o: $(B)/gen/abi/syscall_stubs.S user/user.mk | $(USER_FOLDERS)
	$(Q)$(USER_CC) $(USER_FLAGS) -c $< -o $@

$(B)/user/libc.a: $(USER_LIB_OBJECTS)
	$(call user_say,AR,$@)
	$(Q)rm -f $@
	$(Q)$(USER_AR) rcs $@ $^

$(B)/user/obj/%.o: user/%.c user/user.mk | $(ABI_GEN) $(USER_FOLDERS)
	$(call user_say,CC,$<)
	$(Q)$(USER_CC) $(USER_CFLAGS) -c $< -o $@

$(B)/user/obj/%.batch.o: $(B)/gen/user/%.batch.c user/user.mk | $(ABI_GEN) $(USER_FOLDERS)
	$(call user_say,CC,$(notdir $(*D)): $(call batch_names,user/$*))
	$(Q)$(USER_CC) $(USER_CFLAGS) -iquote user -c $< -o $@

# Test programs are many, and nobody steps through them in gdb: no debug information.
$(USER_TESTS): USER_LDFLAGS += -s
$(B)/user/obj/tests/%.o: USER_CFLAGS += -g0 -O1

# A program of one file: its object is named like it.
$(filter-out $(addprefix $(B)/user/bin/,$(USER_BIN_FOLDERS)),$(USER_PROGRAMS)): \
$(B)/user/%: $(B)/user/obj/%.o $(USER_LIB) | $(USER_FOLDERS)
	$(call user_say,LD,$@)
	$(Q)$(USER_LD) $(USER_LDFLAGS) $(B)/user/crt0.o $< $(B)/user/libc.a $(USER_LIBGCC) -o $@

# Programs that only labs use (labs/student.mk).
$(addsuffix .o,$(LAB_PROGRAMS)): $(B)/%.o: %.c user/user.mk | $(ABI_GEN)
	$(call user_say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(USER_CC) $(USER_CFLAGS) -c $< -o $@

$(LAB_PROGRAMS): %: %.o $(USER_LIB)
	$(call user_say,LD,$@)
	$(Q)$(USER_LD) $(USER_LDFLAGS) -s $(B)/user/crt0.o $< $(B)/user/libc.a $(USER_LIBGCC) -o $@

# A program of a folder: all its objects.
define USER_FOLDER_RULE
$(B)/user/bin/$(1): $(call user_objects,$(sort $(wildcard user/bin/$(1)/*.c))) \
                    $(USER_LIB) | $(USER_FOLDERS)
	$$(call user_say,LD,$$@)
	$$(Q)$$(USER_LD) $$(USER_LDFLAGS) $$(B)/user/crt0.o $$(filter %.o,$$(filter-out %/crt0.o,$$^)) \
	    $$(B)/user/libc.a $$(USER_LIBGCC) -o $$@
endef
$(foreach folder,$(USER_BIN_FOLDERS),$(eval $(call USER_FOLDER_RULE,$(folder))))

.SECONDARY: $(USER_LIB_OBJECTS) $(patsubst %,$(B)/gen/%.batch.c,$(filter user/%,$(BATCHES))) \
            $(patsubst $(B)/user/%,$(B)/user/obj/%.o,$(USER_PROGRAMS))

-include $(wildcard $(B)/user/obj/*/*.d $(B)/user/obj/*/*/*.d $(B)/user/*.d)
