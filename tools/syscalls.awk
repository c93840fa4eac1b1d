# Makes one of five files from kernel/abi/syscalls.tbl:
#   awk -v output=FORM -f tools/syscalls.awk kernel/abi/syscalls.tbl
# FORM numbers: C macros SYS_name          names:  SYSCALL_ROW(number, name, "arguments") for C++
#      stubs:   RISC-V assembly            header: prototypes of the stubs
#      page:    Markdown table
# Plain awk: no extension of gawk is used.

function fail(text) {
    printf "%s:%d: %s\n", FILENAME, FNR, text > "/dev/stderr"
    failed = 1
    exit 1
}

# How many registers the arguments take; each fits one.
function count_arguments(text, pieces) {
    return text == "void" ? 0 : split(text, pieces, ",")
}

function stub(name, number, is_library) {
    printf "\n    .section .text.sys_%s, \"ax\", @progbits\n", name
    printf "    .globl sys_%s\n", name
    printf "    .type sys_%s, @function\n", name
    if (is_library) printf "    .weak %s\n    .type %s, @function\n%s:\n", name, name, name
    printf "sys_%s:\n    li a7, %d\n    ecall\n", name, number
    printf "    li t0, -4095\n    bgeu a0, t0, 1f\n    ret\n1:  tail __syscall_error\n"
    printf "    .size sys_%s, . - sys_%s\n", name, name
}

BEGIN {
    made = "made by tools/syscalls.awk from kernel/abi/syscalls.tbl"
    if (output == "numbers") printf "// System call numbers, %s.\n#pragma once\n\n", made
    else if (output == "names") printf "// System calls by name, %s.\n", made
    else if (output == "stubs") printf "# System call stubs, %s.\n", made
    else if (output == "header") {
        printf "// Prototypes of the system call stubs, %s.\n#pragma once\n", made
    } else if (output == "page") {
        printf "# System calls\n\nNumbers and arguments are those of Linux on RISC-V. "
        printf "This page is %s.\n\n| number | call | arguments |\n|---:|---|---|\n", made
    } else fail("unknown output \"" output "\"")
}

/^#/ || NF == 0 { next }

{
    if (NF < 4 || $1 !~ /^[0-9]+$/ || $2 !~ /^[a-z][a-z0-9_]*$/ || $3 !~ /^(yes|no)$/)
        fail("a row is: number name yes|no arguments")
    if ($1 + 0 <= last && last != "") fail("rows must ascend by number")
    last = $1 + 0
    arguments = $0
    sub(/^[ \t]*[^ \t]+[ \t]+[^ \t]+[ \t]+[^ \t]+[ \t]+/, "", arguments)
    if (count_arguments(arguments) > 6) fail("a system call has at most six arguments")

    if (output == "numbers") printf "#define SYS_%s %d\n", $2, $1
    else if (output == "names") printf "SYSCALL_ROW(%d, %s, \"%s\")\n", $1, $2, arguments
    else if (output == "stubs") stub($2, $1, $3 == "yes")
    else if (output == "header") printf "long sys_%s(%s);\n", $2, arguments
    else if (output == "page") printf "| %d | `%s` | `%s` |\n", $1, $2, arguments
}

END {
    if (!failed && output == "stubs") printf "\n    .section .note.GNU-stack, \"\", @progbits\n"
}
