"""The three walks of demo.py, as scripts: where to stop, what to say, what to show."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from grading.disk import debugfs

if TYPE_CHECKING:
    from demo import Walk

STAGE = 0x80200000
INSTRUCTION_PAGE_FAULT = 12  # scause


def walk_boot(walk: Walk) -> None:
    walk.say(
        "Power-on",
        """The hart starts in machine mode in a small ROM of the board. It knows two things, and
        passes them on: its own number in a0, and in a1 where the device tree lies.""",
    )
    walk.show_registers("pc")
    walk.pause()

    walk.gdb.run_to(STAGE, 60)
    walk.say(
        "The firmware hands over to the boot stage",
        """OpenSBI has set up machine mode and drops to supervisor mode at 0x80200000, where QEMU
        has put boot/. There is no paging yet: satp is 0, and the program counter is physical.""",
    )
    walk.show_registers("pc", "a0", "a1", "satp")
    walk.show_source(STAGE, walk.stage)
    walk.pause()

    walk.go_to("kernel_entry", physical=True)
    walk.say(
        "The kernel's first instruction",
        """The boot stage has checked kernel.elf, copied its segments to where their headers say,
        zeroed their rest, and jumped to the entry, with a0 and a1 as it got them. The kernel is
        linked in the upper half, but still runs at physical addresses.""",
    )
    walk.show_console(5)
    walk.show_registers("pc", "a0", "a1", "satp")
    walk.show_source(walk.kernel.address("kernel_entry"))
    walk.pause()

    walk.go_to("kernel_main")
    walk.say(
        "The boot story",
        """Paging is on, by a first table of large pages, and the program counter is the address
        that the kernel is linked at. kernel_main is the story on one screen: floor by floor.""",
    )
    walk.show_registers("pc", "satp", "sp")
    walk.show("kernel_main lies here: " + str(walk.page(walk.kernel.address("kernel_main"))))
    walk.show_source(walk.kernel.address("kernel_main"))
    walk.pause()

    walk.go_to("enter_user_mode")
    walk.say(
        "The first program is loaded",
        """All stages are done: memory, threads, processes, files, devices, file systems. Process
        1 has a program, whose memory holds the page of its stack and nothing else yet.
        The next thing the hart does is to leave supervisor mode for the first time.""",
    )
    walk.show("kernel text now: " + str(walk.page(walk.kernel.address("kernel_main"))))
    walk.show_console(6)
    walk.pause()

    walk.go_to("handle_user_trap")
    walk.say(
        "The first trap from user mode",
        """The program's first instruction is not in memory: its page comes when it is asked
        for. So the very first thing a program does on goose is to fault.""",
    )
    walk.show_registers("scause", "sepc", "stval")
    walk.pause()

    walk.gdb.resume()
    walk.machine.wait_prompt(60)
    walk.say("The prompt", "init has started the shell, and the shell waits for a line.")
    walk.show_console(8)
    walk.pause()


def walk_fault(walk: Walk) -> None:
    walk.go_to_prompt()
    walk.say(
        "A program is about to start",
        """goose is at its prompt. Running a program means: fork, execve, and then page faults,
        because execve maps the file and reads nothing of it.""",
    )
    walk.type_line("/bin/true")
    walk.pause()

    first = walk.entry_of("true")
    while True:
        walk.go_to("handle_user_trap")
        cause, fault = (walk.gdb.read_register(name) for name in ("scause", "stval"))
        if (cause, fault) == (INSTRUCTION_PAGE_FAULT, first):
            break
    walk.say(
        "The fault",
        """The program's first instruction is fetched. The hart finds no valid page-table entry
        for its page and traps: scause 12 is an instruction page fault, stval is the address.""",
    )
    walk.show_registers("scause", "sepc", "stval")
    walk.show(f"page table for {fault:#x}: {walk.page(fault) or 'nothing'}")
    walk.show_source(walk.gdb.read_register("pc"))
    walk.pause()

    trap = walk.here()
    walk.go_to("AddressSpace::bring_in")
    walk.say(
        "Where the page comes from",
        """The kernel knows the program as areas. The one around this address allows the access,
        and comes from a file: its pager is asked for the frame, and has it in the page cache or
        reads it from the disk.""",
    )
    walk.show_source(walk.gdb.read_register("pc"))
    walk.pause()

    walk.go_back(trap)
    walk.say(
        "The answer",
        """The entry is written. No other page is touched, and nothing is flushed, because an entry
        was only added. The trap is over: the next thing is sret.""",
    )
    walk.show(f"page table for {fault:#x}: {walk.page(fault)}")
    walk.pause()

    walk.gdb.run_to(fault, 60)
    walk.say(
        "The same instruction again",
        """sret goes back to where the program was, and this time the fetch succeeds. The
        program never learns that anything happened.""",
    )
    walk.show_registers("pc")
    walk.pause()
    walk.gdb.resume()
    walk.machine.wait_prompt(60)


def walk_write(walk: Walk) -> None:
    walk.go_to_prompt()
    walk.say(
        "A program writes",
        """The shell opens a file and echo writes a word to it. Then sync asks for it to be on
        the disk. Follow the bytes down the tower.""",
    )
    walk.type_line("echo honk > /demo.txt; sync")
    walk.pause()

    walk.go_to("InodeFile::write")
    walk.say(
        "From the program to the open file",
        """ecall has trapped, the table of system calls has found sys_write, and descriptor 1 is
        an open file: that the shell has redirected it is nothing to the program. The file keeps
        the position, and passes the user's bytes on without trusting their address.""",
    )
    walk.show_source(walk.gdb.read_register("pc"))
    walk.pause()

    walk.go_to("Ext2Inode::prepare_write")
    walk.say(
        "The file system is asked for room",
        """The bytes will go to a page of the page cache; ext2 makes sure before that there is a
        block on the disk for them, so that a full disk is an error now and not later.""",
    )
    walk.show_source(walk.gdb.read_register("pc"))
    walk.pause()

    walk.go_to("Ext2Inode::write_pages")
    walk.say(
        "Written back",
        """write has long returned: the page was only marked dirty. Now sync writes it back. ext2
        knows which block of the disk holds this page of the file.""",
    )
    walk.show_source(walk.gdb.read_register("pc"))
    walk.pause()

    walk.go_to("VirtQueue::add")
    walk.say(
        "Into the ring",
        """The driver puts the request as a chain of descriptors into memory that it shares with
        the device, and rings the doorbell. Then its thread sleeps.""",
    )
    walk.show_source(walk.gdb.read_register("pc"))
    walk.pause()

    walk.go_to("VirtioDisk::interrupt")
    walk.say(
        "The interrupt",
        """The device has written the sectors and says so by an interrupt. The driver finds the
        finished request in the used ring and wakes whoever waits for it.""",
    )
    walk.show_source(walk.gdb.read_register("pc"))
    walk.pause()

    walk.gdb.resume()
    walk.machine.wait_prompt(60)
    walk.machine.power_off(60)
    walk.say(
        "What the disk holds",
        "The machine is off. debugfs, which knows nothing of goose, reads the file from the image.",
    )
    walk.show(*debugfs(walk.machine.images[0], ["cat /demo.txt"]).splitlines())
    walk.pause()


WALKS: dict[str, tuple[str, Callable[[Walk], None]]] = {
    "boot": ("From power-on to the prompt", walk_boot),
    "fault": ("A page fault", walk_fault),
    "write": ("A write, from the program to the disk", walk_write),
}
