// SPDX-License-Identifier: GPL-3.0-or-later
// A console without windows, as a process of its own that a test can stop and go on: writes what its replica holds to a file, again and again.
//   replica-probe PROFILE FILE
#include "console/client/link.h"
#include "shared/protocol/json_writer.h"
#include "shared/util/private_file.h"

#include <QCoreApplication>
#include <QTimer>
#include <cstdio>

namespace {

constexpr int pauseMs = 100; ///< between two reports

std::string report(const gantry::console::LinkStatus& status, const gantry::console::ReplicaDigest& digest)
{
    gantry::JsonWriter json;
    json.beginObject()
        .member("live", status.state == gantry::console::LinkState::Live)
        .member("detail", status.detail)
        .member("epoch", digest.epoch)
        .member("sequence", digest.sequence)
        .member("digest", std::to_string(digest.digest))
        .member("count", digest.count)
        .endObject();
    return json.take();
}

} // namespace

int main(int argc, char** argv)
{
    QCoreApplication application(argc, argv);
    const auto profile = argc == 3 ? gantry::console::loadProfile(argv[1])
                                   : gantry::Result<gantry::console::Profile>(gantry::failure(
                                       gantry::ErrorCode::InvalidValue, "usage: replica-probe PROFILE FILE"));
    if (!profile) {
        std::fprintf(stderr, "%s\n", profile.error().message.c_str());
        return 64;
    }
    const auto link = gantry::console::Link::open(*profile);
    QTimer timer;
    timer.setSingleShot(true);
    QObject::connect(&timer, &QTimer::timeout, &application, [&link, &timer, file = std::string(argv[2])] {
        link->digest([&link, &timer, file](const gantry::console::ReplicaDigest& digest) {
            static_cast<void>(gantry::writePrivateFile(file, report(link->status(), digest)));
            timer.start(); // only now: a digest of many orders takes longer than the pause on a slow machine
        });
    });
    timer.start(pauseMs);
    return QCoreApplication::exec();
}
