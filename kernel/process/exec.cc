// execve(2). All that can fail happens on a new address space, before the old one is let go.
#include "process/exec.h"

#include "process/process.h"
#include "process/syscall.h"
#include "process/trace.h"
#include "process/user_thread.h"

namespace {

constexpr u64 kProgramBase = 0x2a'aaaa'a000;      // of position-independent programs
constexpr u64 kInterpreterBase = 0x3a'0000'0000;  // of dynamic linkers
constexpr unsigned kMaxScriptDepth = 4;
constexpr usize kScriptLine = 256;

struct NewProgram {
    Ref<AddressSpace> space;
    u64 entry = 0;
    VirtAddr stack_pointer;
};

// The interpreter and its one argument, from a line like "#! /bin/sh -e".
struct ScriptLine {
    char text[kScriptLine] = {};
    StringView interpreter, argument;

    // ENOEXEC where the file does not start like that.
    Result<void> read(Pager& pager) {
        Ref<Frame> first = TRY(pager.page(0, Access::kRead));
        memcpy(text, first->data(), sizeof text);
        StringView line(text, sizeof text);
        usize end = min(line.find('\n'), line.find('\0'));  // a file may end without a newline
        if (!line.starts_with("#!") || end == StringView::kNone) return Errno{ENOEXEC};
        line = trim(line.sub(2, end - 2));
        usize blank = min(line.find(' '), line.find('\t'));
        interpreter = line.first(blank);
        argument = blank == StringView::kNone ? StringView() : trim(line.sub(blank));
        return interpreter.empty() ? Result<void>(Errno{ENOEXEC}) : Result<void>();
    }

    static StringView trim(StringView text) {
        while (!text.empty() && (text[0] == ' ' || text[0] == '\t')) text = text.sub(1);
        while (text.ends_with(" ") || text.ends_with("\t")) text = text.first(text.size() - 1);
        return text;
    }
};

// The page source of the program to run: `pager` itself, which is that of `path`, or what a chain of
// "#!" lines leads to.
Result<Ref<Pager>> find_program(Ref<Pager> pager, StringView path, ArgumentBlock& arguments) {
    ScriptLine line;
    for (unsigned depth = 0; line.read(*pager).ok(); depth++) {
        if (depth == kMaxScriptDepth) return Errno{ELOOP};
        if (depth == 0) {  // later the first argument is the script's path already
            arguments.drop_first();
            TRY(arguments.prepend(path));
        }
        if (!line.argument.empty()) TRY(arguments.prepend(line.argument));
        TRY(arguments.prepend(line.interpreter));
        pager = TRY(open_program(line.interpreter));
    }
    return pager;
}

// Loads the dynamic linker that the program names, if any. Returns its entry, or the program's.
Result<u64> load_interpreter(AddressSpace& space, const ElfImage& image, u64& base) {
    char path[kScriptLine];
    StringView name = TRY(image.interpreter(Span<char>(path)));
    if (name.empty()) return image.entry();
    Ref<Pager> pager = TRY(open_program(name));
    ElfImage interpreter;
    TRY(interpreter.read(move(pager)));
    TRY(interpreter.map(space, kInterpreterBase));
    base = interpreter.bias;
    return interpreter.entry();
}

Result<void> map_stack(AddressSpace& space) {
    VirtAddr bottom(kStackTop - kStackLimit);
    TRY(space.map(bottom, kStackLimit, PROT_READ | PROT_WRITE, Sharing::kPrivate, nullptr, 0,
                  AddressSpace::Placement::kNoReplace));
    return {};
}

Result<NewProgram> load_program(Ref<Pager> pager, StringView path, ArgumentBlock& arguments) {
    pager = TRY(find_program(move(pager), path, arguments));
    ElfImage image;
    TRY(image.read(move(pager)));
    NewProgram program;
    program.space = TRY(AddressSpace::create());
    TRY(image.map(*program.space, kProgramBase));
    program.space->start_break(VirtAddr(image.end()).page_up());
    u64 interpreter_base = 0;
    program.entry = TRY(load_interpreter(*program.space, image, interpreter_base));
    TRY(map_stack(*program.space));
    program.stack_pointer =
        TRY(build_initial_stack(*program.space, arguments, image, interpreter_base, path));
    return program;
}

// The last component of a path, cut: what ps shows.
void name_process(Process& process, StringView path) {
    usize start = 0;
    for (usize slash = path.find('/'); slash != StringView::kNone; slash = path.find('/', start)) {
        start = slash + 1;
    }
    StringView name = path.sub(start, Process::kNameSize - 1);
    memcpy(process.name, name.data(), name.size());
    process.name[name.size()] = '\0';
    current_thread().set_name(process.name);
}

// The point of no return.
void become(NewProgram& program, StringView path) {
    Process& process = current_process();
    Ref<AddressSpace> old = program.space;
    {
        SpinGuard guard(tree_lock);
        swap(process.space, old);
        process.has_executed = true;
        give_space_back(process);
        if (process.space) process.space->tlb.activate(process.space->page_table());
    }
    name_process(process, path);
    process.signals.reset_for_exec();
    process.files->close_for_exec();
    process.clear_tid_address = 0;

    TrapFrame& frame = current_user_frame();
    frame = TrapFrame{};
    frame.sepc = program.entry;
    frame.sp = program.stack_pointer.value;
    frame.sstatus = SSTATUS_SPIE;  // user mode, interrupts on, floating point not used yet
    current_user_thread().fp_registers() = FpRegisters{};
}

}  // namespace

Result<Ref<Pager>> open_program(StringView path) {
    Ref<File> file = TRY(process_hooks.open_executable(path));
    return file->pager();
}

Result<void> execute(Ref<Pager> pager, StringView path, ArgumentBlock& arguments) {
    NewProgram program = TRY(load_program(move(pager), path, arguments));
    become(program, path);
    return {};
}

static Result<i64> sys_execve(UserAddress path_address, UserAddress argv, UserAddress envp) {
    UserPath path;
    TRY(path.read(path_address));
    Ref<Pager> pager = TRY(open_program(path.view()));  // before the arguments: as on Linux
    ArgumentBlock arguments;
    TRY(arguments.add_all(argv));
    if (arguments.count() == 0) TRY(arguments.add(""));
    arguments.end_arguments();
    TRY(arguments.add_all(envp));
    TRY(execute(move(pager), path.view(), arguments));
    trace_event(PTRACE_EVENT_EXEC, static_cast<u64>(current_process().pid));
    return 0;  // a0 of the new program
}
SYSCALL(execve);
