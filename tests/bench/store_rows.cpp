// SPDX-License-Identifier: GPL-3.0-or-later
// store-rows DIRECTORY [ORDERS [BATCH [ROUNDS]]]: the driver beside the bare rows, in turns; one JSON object a line.
#include "tests/bench/bare_rows.h"

#include <cstdio>
#include <cstdlib>

namespace {

using gantry::bench::RowPlan;

int compare(
    const std::filesystem::path& base, RowPlan plan, const char* name, std::size_t orders, std::size_t batch)
{
    const auto directory = base / "rows";
    const auto run = [&](auto write) {
        std::filesystem::remove_all(directory);
        std::filesystem::create_directories(directory);
        const auto rate = write(gantry::bench::BareRowsSettings{directory, plan, orders, batch});
        std::filesystem::remove_all(directory);
        if (!rate)
            std::fprintf(stderr, "%s\n", rate.error().message.c_str());
        return rate;
    };
    const auto bare = run(gantry::bench::writeBareRows);
    const auto driver = run(gantry::bench::writeDriverRows);
    if (!bare || !driver)
        return EXIT_FAILURE;
    std::printf(
        "{\"bench\":\"store_rows\",\"plan\":\"%s\",\"batch\":%zu,\"orders_per_s\":%.0f,\"limit_per_s\":%.0f,"
        "\"ratio\":%.3f,\"rows_per_s\":%.0f,\"commits_per_s\":%.0f,\"cpu_s_per_1000\":%.4f,\"limit_cpu_s_per_"
        "1000\":%.4f}\n",
        name, batch, driver->ordersPerSecond, bare->ordersPerSecond,
        driver->ordersPerSecond / bare->ordersPerSecond, driver->rowsPerSecond, driver->commitsPerSecond,
        driver->cpuSecondsPerThousand, bare->cpuSecondsPerThousand);
    std::fflush(stdout);
    return EXIT_SUCCESS;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc < 2) {
        std::fprintf(stderr, "store-rows DIRECTORY [ORDERS [BATCH [ROUNDS]]]\n");
        return EXIT_FAILURE;
    }
    const auto number = [&](int index, std::size_t fallback) {
        return argc > index ? std::strtoull(argv[index], nullptr, 10) : fallback;
    };
    int failed = 0;
    for (std::size_t round = 0; round < number(4, 1); ++round) {
        failed |= compare(argv[1], RowPlan::Intake, "intake", number(2, 100'000), number(3, 500));
        failed |= compare(
            argv[1], RowPlan::LifecycleAtOnce, "lifecycle_at_once", number(2, 100'000), number(3, 500));
        failed |= compare(
            argv[1], RowPlan::LifecycleByStep, "lifecycle_by_step", number(2, 100'000), number(3, 500));
    }
    return failed;
}
