"""gdb's own commands for goose: what the kernel knows about threads, pages, locks and programs.

    goose-threads             all threads, where each stands, and which hart runs it
    goose-pagetable ADDRESS   the entries that map an address, level by level
    goose-locks               the locks that each hart and each thread holds
    goose-program [NAME]      adds the symbols of a user program; of the running one if no name

Sourced by .gdbinit. They only read; the page tables are read by the tests' own walker.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import gdb  # type: ignore[import-not-found]

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from grading.sv39 import LEVELS, TableError, Walker, root_of  # noqa: E402

LINEAR = 0xFFFFFFC000000000
DEPTH = 12
SHOWN = 5
SLEEPING = ("Scheduler::", "park", "sleep", "wait_", "WaitQueue::", "switch_", "Result", "Syscall")
PROGRAM_FOLDERS = ("bin", "tests", "bench")


def evaluate(expression: str) -> gdb.Value:
    return gdb.parse_and_eval(expression)


def text(pointer: gdb.Value) -> str:
    return str(pointer.string(errors="replace"))


def items(list_value: gdb.Value, kind: str, node: str) -> Iterator[gdb.Value]:
    """The items of an intrusive List<kind, &kind::node> (base/list.h)."""
    struct = gdb.lookup_type(kind)
    offset = next(f.bitpos // 8 for f in struct.fields() if f.name == node)
    head = int(list_value["head_"].address)
    at = list_value["head_"]["next"]
    while int(at) != head:
        yield gdb.Value(int(at) - offset).cast(struct.pointer()).dereference()
        at = at["next"]


def threads() -> Iterator[gdb.Value]:
    try:
        every = evaluate("all_threads")
    except gdb.error:
        raise gdb.GdbError("this kernel has no floor `thread`") from None
    yield from items(every, "Thread", "all_node")


def harts() -> Iterator[gdb.Value]:
    known = int(evaluate("'(anonymous namespace)::harts_known'"))
    for index in range(known):
        yield evaluate(f"'(anonymous namespace)::harts'.items[{index}]")


def process_of(thread: gdb.Value) -> gdb.Value | None:
    """The process that a thread runs, or nothing for a kernel thread."""
    user = thread["user"]["object_"]
    if not int(user):
        return None
    user_thread = user.cast(gdb.lookup_type("UserThread").pointer())
    return user_thread["process_"]["object_"].dereference()


def function_at(address: int) -> str:
    name, _, rest = gdb.execute(f"info symbol {address:#x}", to_string=True).partition(" + ")
    name = name.replace("(anonymous namespace)::", "")
    return name.split("(")[0] if rest else f"{address:#x}"


def chain(context: gdb.Value) -> list[str]:
    """The functions in which a thread that does not run stands, innermost first."""
    names = [function_at(int(context["ra"]))]
    frame = int(context["s"][0]) & (1 << 64) - 1  # s0 is the frame pointer
    inferior = gdb.selected_inferior()
    for _ in range(DEPTH):
        try:
            saved = bytes(inferior.read_memory(frame - 16, 16))
        except (gdb.MemoryError, OverflowError):  # the end of the chain is no address
            break
        frame, address = (int.from_bytes(saved[at : at + 8], "little") for at in (0, 8))
        names.append(function_at(address))
    return names


class Goose(gdb.Command):
    """goose's own commands."""

    def __init__(self) -> None:
        super().__init__("goose", gdb.COMMAND_USER, prefix=True)

    def invoke(self, argument: str, from_tty: bool) -> None:
        print((__doc__ or "").strip())


class Threads(gdb.Command):
    """goose-threads: all threads, where each stands, and which hart runs it."""

    def __init__(self) -> None:
        super().__init__("goose-threads", gdb.COMMAND_STATUS)

    def invoke(self, argument: str, from_tty: bool) -> None:
        running = {int(hart["current"]): int(hart["index"]) for hart in harts()}
        print(f"{'id':>4} {'pid':>5} {'state':<10} {'hart':<5} {'name':<24} stands in")
        for thread in threads():
            process = process_of(thread)
            pid = str(process["pid"]) if process is not None else "-"
            hart = running.get(int(thread.address))
            state = str(thread["state_"]["value_"]).rpartition("::k")[2].lower()
            place = "" if hart is not None else self.place(thread["context_"])
            number = "-" if hart is None else str(hart)
            name = text(thread["name_"])
            print(f"{int(thread['id_']):>4} {pid:>5} {state:<10} {number:<5} {name:<24} {place}")

    @staticmethod
    def place(context: gdb.Value) -> str:
        """Who waits, without the ways of waiting."""
        names = [n for n in chain(context) if not n.startswith(SLEEPING) and not n.startswith("0x")]
        return " < ".join(names[:SHOWN])


class PageTable(gdb.Command):
    """goose-pagetable ADDRESS: the page-table entries that map an address, level by level."""

    def __init__(self) -> None:
        super().__init__("goose-pagetable", gdb.COMMAND_DATA)

    @staticmethod
    def read(physical: int, size: int) -> bytes:
        return bytes(gdb.selected_inferior().read_memory(LINEAR + physical, size))

    def invoke(self, argument: str, from_tty: bool) -> None:
        if not argument:
            raise gdb.GdbError("goose-pagetable ADDRESS: which address?")
        address = int(evaluate(f"(unsigned long) ({argument})"))
        try:
            table = root_of(int(evaluate("$satp")) & (1 << 64) - 1)
            walker = Walker(self.read, table)
            for level in reversed(range(LEVELS)):
                index = address >> (12 + 9 * level) & 511
                entry = walker.entries(table)[index]
                print(f"level {level}: table {table:#x}, entry {index:3}: {entry:#018x}")
                if not entry & 1 or entry & 0xE:
                    break
                table = (entry >> 10 & (1 << 44) - 1) << 12
            print(walker.walk(address) or f"{address:#x} is not mapped")
        except TableError as error:
            raise gdb.GdbError(str(error)) from None


class Locks(gdb.Command):
    """goose-locks: the spinlocks that each hart holds, and the mutexes that each thread holds."""

    def __init__(self) -> None:
        super().__init__("goose-locks", gdb.COMMAND_STATUS)

    def invoke(self, argument: str, from_tty: bool) -> None:
        found = False
        for hart in harts():
            for at in range(int(hart["held_count"])):
                found = True
                self.show(f"hart {int(hart['index'])}", "spinlock", hart["held_locks"][at])
        for thread in threads():
            held = thread["held_mutexes"]
            while int(held):
                found = True
                self.show(f"thread {int(thread['id_'])}", "mutex", held)
                held = held["next_held_"]
        if not found:
            print("no lock is held (kernels built with DEBUG=0 keep no list)")

    @staticmethod
    def show(holder: str, kind: str, lock: gdb.Value) -> None:
        rank = str(lock["rank_"]).rpartition("::")[2]
        print(f"{holder:<12} holds the {kind} {text(lock['name_'])!r}, rank {rank}, {lock}")


class Program(gdb.Command):
    """goose-program [NAME]: adds the symbols of a user program, by default of the running one."""

    def __init__(self) -> None:
        super().__init__("goose-program", gdb.COMMAND_FILES)

    def invoke(self, argument: str, from_tty: bool) -> None:
        name = argument.strip() or self.running()
        build = Path(gdb.objfiles()[0].filename).parent
        for folder in PROGRAM_FOLDERS:
            path = build / "user" / folder / name
            if path.exists():
                gdb.execute(f"add-symbol-file {path}")
                return
        raise gdb.GdbError(f"no program {name} below {build}/user")

    @staticmethod
    def running() -> str:
        number = gdb.selected_thread().num - 1  # gdb counts harts as threads
        for hart in harts():
            if int(hart["id"]) == number and int(hart["current"]):
                process = process_of(hart["current"].dereference())
                if process is not None:
                    return text(process["name"])
        raise gdb.GdbError("this hart runs no program now; name one")


for command in (Goose, Threads, PageTable, Locks, Program):
    command()
