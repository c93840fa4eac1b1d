// The last stage of the boot story: process 1. Which program it runs is said by init= on the kernel
// command line; what stands there after "--" becomes its arguments.
#include "cpu/console.h"
#include "cpu/init.h"
#include "cpu/machine.h"
#include "cpu/power.h"
#include "process/exec.h"
#include "process/user_thread.h"

namespace {

constinit Process* the_first = nullptr;

constexpr const char* kEnvironment[] = {"HOME=/root", "PATH=/bin:/sbin:/usr/bin:/usr/sbin",
                                        "TERM=linux"};

constexpr const char* kUsualPrograms[] = {"/sbin/init", "/bin/init", "/init", "/bin/sh"};

// Adds the words after "--" on the kernel command line.
Result<void> add_command_line(ArgumentBlock& arguments) {
    StringView words = device_tree().bootargs();
    bool ours = false;
    while (!words.empty()) {
        usize blank = words.find(' ');
        StringView word = words.first(blank);
        if (ours && !word.empty()) TRY(arguments.add(word));
        ours = ours || word == StringView("--");
        words = blank == StringView::kNone ? StringView() : words.sub(blank + 1);
    }
    return {};
}

Result<void> try_program(StringView path) {
    ArgumentBlock arguments;
    TRY(arguments.add(path));
    TRY(add_command_line(arguments));
    arguments.end_arguments();
    for (const char* text : kEnvironment) TRY(arguments.add(text));
    return execute(TRY(open_program(path)), path, arguments);
}

// The program that init= names, or else the first there is of the usual ones.
Result<void> execute_first_program() {
    StringView wanted = boot_option("init");
    Result<void> tried = Errno{ENOENT};
    if (!wanted.empty()) {
        tried = try_program(wanted);
    } else {
        for (const char* path : kUsualPrograms) {
            if (!tried.ok() && tried.error().number == ENOENT) tried = try_program(path);
        }
    }
    if (!tried.ok()) {
        kprintf("goose: init=%.*s: error %d%s\n", static_cast<int>(wanted.size()), wanted.data(),
                tried.error().number, wanted.empty() ? "; name a program to start" : "");
    }
    return tried;
}

void run_first_process(void*) {
    if (!execute_first_program().ok()) {
        process_hooks.before_power_off();
        power_off(kExitInitFailed);
    }
    enter_user_mode();
}

Result<Ref<Process>> make_first_process() {
    Ref<FdTable> files = TRY(FdTable::create());
    Ref<File> console = TRY(process_hooks.open_console());
    for (int fd = 0; fd < 3; fd++) TRY(files->install(console, CloseOnExec::kNo));
    return make_process(nullptr, nullptr, move(files), run_first_process, nullptr);
}

void start_first_process() {
    Result<Ref<Process>> process = make_first_process();
    if (!process.ok()) panic("process 1 cannot be made: error %d", process.error().number);
    Result<Owned<ProcessExtension>> extension = process_hooks.first_extension();
    ASSERT(extension.ok());
    (*process)->extension = move(*extension);
    Ref<Thread> thread = (*process)->thread;
    the_first = process->get();  // it never ends, and the tree has a reference
    thread->start();
    thread = nullptr;
    exit_thread();
}
INIT(Stage::kUser, start_first_process);

}  // namespace

Process* process_one() { return the_first; }
