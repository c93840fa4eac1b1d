# The kernel, as a file in the boot stage's data: PAYLOAD is its name, from the command line.
    .section .payload, "a"
    .balign 4096
    .globl payload_start, payload_end
payload_start:
    .incbin PAYLOAD
payload_end:
