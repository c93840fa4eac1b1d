# Generated forms of kernel/abi/syscalls.tbl, under $(B)/gen/abi/. Included by the top Makefile and by
# user/user.mk; whoever includes "abi/syscall_numbers.h" and its like depends on $(ABI_GEN).
ifndef ABI_GEN
ABI_GEN := $(B)/gen/abi/syscall_numbers.h $(B)/gen/abi/syscall_names.inc \
           $(B)/gen/abi/syscall_stubs.S $(B)/gen/abi/syscall_stubs.h $(B)/gen/abi/syscalls.md

$(B)/gen/abi/syscall_numbers.h: ABI_FORM := numbers
$(B)/gen/abi/syscall_names.inc: ABI_FORM := names
$(B)/gen/abi/syscall_stubs.S: ABI_FORM := stubs
$(B)/gen/abi/syscall_stubs.h: ABI_FORM := header
$(B)/gen/abi/syscalls.md: ABI_FORM := page

$(ABI_GEN): kernel/abi/syscalls.tbl tools/syscalls.awk
	$(Q)mkdir -p $(@D)
	$(Q)LC_ALL=C awk -v output=$(ABI_FORM) -f tools/syscalls.awk $< > $@.tmp && mv $@.tmp $@
endif
