// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/run_console.h"

#include "console/client/link.h"
#include "console/ui/icons.h"
#include "console/ui/screenshot.h"

#include <QApplication>
#include <QUuid>
#include <cstdio>
#include <sysexits.h>

namespace gantry::console {

namespace {

using namespace Qt::StringLiterals;

int complain(int code, const QString& words)
{
    std::fprintf(stderr, "gantry-console: %s\n", qPrintable(words));
    return code;
}

std::string makeKey()
{
    return QUuid::createUuid().toString(QUuid::WithoutBraces).toStdString();
}

/// Shows why the profile can't be used until it can, or the window is closed: a daemon that has never run has written none yet.
Result<Profile> waitForProfile(const Options& options)
{
    auto profile = loadProfile(options.profile.toStdString());
    if (profile || !options.screenshot.isEmpty())
        return profile;
    MessageView view;
    view.setWindowTitle(MessageView::tr("Gantry"));
    view.setWindowIcon(programIcon());
    view.resize(options.size.isEmpty() ? QSize(90 * gridUnit, 60 * gridUnit) : options.size);
    const auto tell = [&] {
        view.setMessage(u"link-stale"_s, MessageView::tr("The profile can't be used"),
            MessageView::tr(
                "%1\n\nA gantryd on this machine writes one when it first starts. For one elsewhere, ask its "
                "admin for a profile and start gantry-console --profile FILE.")
                .arg(toText(profile.error().message)),
            MessageView::tr("Try again"));
    };
    QObject::connect(&view, &MessageView::pressed, &view, [&] {
        profile = loadProfile(options.profile.toStdString());
        if (profile)
            QApplication::exit();
        else
            tell();
    });
    tell();
    view.show();
    QApplication::exec();
    return profile;
}

int takeScreenshot(Session& session, MainWindow& window, const Options& options)
{
    Screenshot screenshot(session, window, options.screenshot, options.select);
    QString fault;
    QObject::connect(&screenshot, &Screenshot::finished, &window, [&fault](const QString& words) {
        fault = words;
        QApplication::exit(words.isEmpty() ? EX_OK : EX_UNAVAILABLE);
    });
    const int code = QApplication::exec();
    return code == EX_OK ? code : complain(code, fault);
}

} // namespace

int runConsole(const Options& options)
{
    const auto profile = waitForProfile(options);
    if (!profile)
        return complain(EX_NOINPUT, toText(profile.error().message));
    const SystemClock clock;
    const auto link = Link::open(*profile);
    Session session(*link, clock, *profile, makeKey);
    // A picture shows the window as a newcomer sees it.
    const bool isPicture = !options.screenshot.isEmpty();
    auto layout = isPicture ? Result<std::unique_ptr<LayoutStore>>(nullptr)
                            : LayoutStore::open(LayoutStore::defaultPath());
    MainWindow window(session, layout ? layout->get() : nullptr);
    if (!layout)
        window.statusLine().say(toText(layout.error().message));
    if (!options.size.isEmpty())
        window.resize(options.size);
    session.start();
    window.show();
    return isPicture ? takeScreenshot(session, window, options) : QApplication::exec();
}

} // namespace gantry::console
