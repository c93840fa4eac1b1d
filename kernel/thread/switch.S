# switch_context(Context* from, Context* to): leaves the running thread and goes on with another.
# Called with the run queue locked; it returns in the other thread, from its own call, or into
# thread_first_run() where that thread has never run.
#
#   1. save ra, sp and s0 … s11 in *from: the calling convention lets a call lose all others;
#   2. load the same registers from *to, sp among them: from here on we are on the other stack;
#   3. return to where ra says, which is the other thread's place.
#
# tp stays, as it belongs to the hart. Offsets are those of Context (thread/thread.h).

# BEGIN SOLUTION(thread.switch)
    .text
    .globl switch_context
switch_context:
    sd ra, 0*8(a0)
    sd sp, 1*8(a0)
    sd s0, 2*8(a0)
    sd s1, 3*8(a0)
    sd s2, 4*8(a0)
    sd s3, 5*8(a0)
    sd s4, 6*8(a0)
    sd s5, 7*8(a0)
    sd s6, 8*8(a0)
    sd s7, 9*8(a0)
    sd s8, 10*8(a0)
    sd s9, 11*8(a0)
    sd s10, 12*8(a0)
    sd s11, 13*8(a0)

    ld ra, 0*8(a1)
    ld sp, 1*8(a1)
    ld s0, 2*8(a1)
    ld s1, 3*8(a1)
    ld s2, 4*8(a1)
    ld s3, 5*8(a1)
    ld s4, 6*8(a1)
    ld s5, 7*8(a1)
    ld s6, 8*8(a1)
    ld s7, 9*8(a1)
    ld s8, 10*8(a1)
    ld s9, 11*8(a1)
    ld s10, 12*8(a1)
    ld s11, 13*8(a1)
    ret
# END SOLUTION
# STUB:     .section .rodata
# STUB: thread_switch_name: .asciz "thread.switch"
# STUB:     .text
# STUB:     .globl switch_context
# STUB: switch_context:
# STUB:     la a0, thread_switch_name
# STUB:     tail stub_reached
