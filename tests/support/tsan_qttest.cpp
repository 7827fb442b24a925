// SPDX-License-Identifier: GPL-3.0-or-later
// Under ThreadSanitizer only. QtTest ends its watchdog thread by a wait that Debian's Qt, not being instrumented, does by futex:
// unseen, so that deleting the watchdog looks like a race. A suppression can only name a function, and would hide every race of
// the thread that runs the tests; this drops the reports in which QtTest itself touches the memory, and no others.
#include <array>
#include <cstddef>
#include <dlfcn.h>
#include <string_view>

extern "C" {
void* __tsan_get_current_report();
int __tsan_get_report_data(void* report, const char** description, int* count, int* stacks, int* accesses,
    int* locations, int* mutexes, int* threads, int* uniqueThreads, void** sleepTrace,
    unsigned long traceSize);
int __tsan_get_report_mop(void* report, unsigned long index, int* thread, void** address, int* size,
    int* isWrite, int* isAtomic, void** trace, unsigned long traceSize);
}

namespace {

bool isIn(const void* code, std::string_view library)
{
    Dl_info info{};
    return dladdr(code, &info) != 0
        && std::string_view(info.dli_fname).find(library) != std::string_view::npos;
}

/// Whether the innermost code that is not ThreadSanitizer's own is QtTest's.
bool isDoneByQtTest(void* report, unsigned long access)
{
    std::array<void*, 8> trace{};
    int thread = 0;
    void* address = nullptr;
    int size = 0;
    int isWrite = 0;
    int isAtomic = 0;
    __tsan_get_report_mop(
        report, access, &thread, &address, &size, &isWrite, &isAtomic, trace.data(), trace.size());
    for (const void* code : trace)
        if (code && !isIn(code, "libtsan"))
            return isIn(code, "libQt6Test");
    return false;
}

} // namespace

namespace __tsan {

class ReportDesc;

/// ThreadSanitizer's hook: true drops the report.
bool OnReport(const ReportDesc* /*report*/, bool isSuppressed)
{
    void* const report = __tsan_get_current_report();
    const char* description = nullptr;
    int count = 0;
    int stacks = 0;
    int accesses = 0;
    int locations = 0;
    int mutexes = 0;
    int threads = 0;
    int uniqueThreads = 0;
    std::array<void*, 1> sleepTrace{};
    __tsan_get_report_data(report, &description, &count, &stacks, &accesses, &locations, &mutexes, &threads,
        &uniqueThreads, sleepTrace.data(), sleepTrace.size());
    for (int access = 0; access < accesses; ++access)
        if (isDoneByQtTest(report, static_cast<unsigned long>(access)))
            return true;
    return isSuppressed;
}

} // namespace __tsan
