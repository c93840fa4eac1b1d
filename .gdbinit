# gdb for goose: `make qemu-gdb` in one terminal waits, and in another, at the top of the tree,
#     gdb-multiarch -q -nx -x .gdbinit
# connects and stops at the kernel's main. `help goose` lists goose's own commands.
set confirm off
set pagination off
set print pretty on
set print asm-demangle on
set architecture riscv:rv64
file build/kernel.elf
add-symbol-file build/goose.elf
source tools/gdb/goose.py
target remote build/gdb.sock
hbreak kernel_main
continue
