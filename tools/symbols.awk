# Makes the kernel's symbol table from `nm -n -C kernel.elf`: the functions between kernel_start and
# text_end, as assembly for kernel/cpu/backtrace.cc. Usage: nm -n -C … | awk -f symbols.awk > x.S
# Works with mawk, whose numbers are too small for addresses: offsets are differences that the
# assembler computes.

BEGIN { count = 0 }

function emit(address, name) {
    gsub(/"/, "\\\"", name)
    offsets[count] = address
    names[count] = name
    count++
}

$3 == "kernel_start" { start = $1; inside = 1; next }
$3 == "text_end" { inside = 0 }
inside && ($2 == "t" || $2 == "T" || $2 == "W" || $2 == "w") {
    name = $0
    sub(/^[0-9a-f]+ [a-zA-Z] /, "", name)
    sub(/^\(anonymous namespace\)::/, "", name)
    if (name !~ /^(\$|\.L)/) emit($1, name)
}

END {
    print "    .section .symbols, \"a\""
    print "    .balign 4"
    print "    .globl symbol_count, symbol_offsets, symbol_names, symbol_text"
    print "symbol_count: .long " count
    print "symbol_offsets:"
    for (i = 0; i < count; i++) print "    .long 0x" offsets[i] " - 0x" start
    print "symbol_names:"
    at = 0
    for (i = 0; i < count; i++) {
        print "    .long " at
        text = names[i]
        gsub(/\\"/, "\"", text)
        at += length(text) + 1
    }
    print "symbol_text:"
    for (i = 0; i < count; i++) print "    .asciz \"" names[i] "\""
}
