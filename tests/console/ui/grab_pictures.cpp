// SPDX-License-Identifier: GPL-3.0-or-later
// Takes pictures of the console in every situation that it has to look right in: grab_pictures FOLDER. To be looked at by people; what can
// be judged by a program stands in the tests.
#include "console/ui/theme.h"
#include "tests/console/support/console_bench.h"

#include <QApplication>
#include <QDir>
#include <QLocale>
#include <cstdio>

using namespace gantry;
using namespace gantry::console;
using namespace gantry::test;
using namespace Qt::StringLiterals;

namespace {

/// One situation: its name, and how to get there.
struct Scene {
    QString name;
    std::function<void(ConsoleBench&)> play;
};

void settle()
{
    for (int i = 0; i < 20; ++i)
        QCoreApplication::processEvents();
}

/// Two minutes of ordinary life, so that the chart has something to show.
void live(ConsoleBench& bench)
{
    bench.goLive(2600);
    settle();
    for (int second = 0; second < 125; ++second) {
        const double wave = 6 + 5 * std::sin(second / 9.0) + (second > 70 && second < 85 ? 9 : 0);
        bench.generator.live(bench.daemon, static_cast<std::size_t>(wave), bench.clock.now());
        bench.link.publish();
        bench.clock.advance(std::chrono::seconds(1));
        bench.session.tick();
    }
    settle();
}

void select(ConsoleBench& bench, const OrderId& id)
{
    bench.window.orders().table().selectOrder(id);
    settle();
}

std::vector<Scene> scenes()
{
    return {
        {u"loading"_s, [](ConsoleBench& bench) { bench.link.setStatus(LinkState::Connecting, testNow); }},
        {u"empty"_s, [](ConsoleBench& bench) { bench.link.goLive(testNow); }},
        {u"broken"_s,
            [](ConsoleBench& bench) {
                bench.link.setStatus(
                    LinkState::Stale, testNow, "Nothing listens on 127.0.0.1:7411 (connection refused).");
            }},
        {u"full"_s, [](ConsoleBench& bench) { live(bench); }},
        {u"failed"_s,
            [](ConsoleBench& bench) {
                live(bench);
                select(bench, bench.session.list().rowAt(2)->order->id);
            }},
        {u"reason"_s,
            [](ConsoleBench& bench) {
                live(bench);
                const OrderId id = bench.session.list().rowAt(2)->order->id;
                bench.daemon.explain(id,
                    "The service payments has failed too often (timeout) and has been left alone for 4 min. "
                    "It is "
                    "tried again in 25 s. Others that wait for the same: 1,204 orders. It last worked 6 min "
                    "ago.",
                    "Mend the service; it is then called again by itself.");
                select(bench, id);
            }},
        {u"waiting"_s,
            [](ConsoleBench& bench) {
                live(bench);
                for (const OrderId& id : bench.daemon.openIds())
                    if (!bench.daemon.order(id).holds.empty()) {
                        select(bench, id);
                        break;
                    }
                bench.window.detail().tabs().setCurrentIndex(2);
            }},
        {u"lines"_s,
            [](ConsoleBench& bench) {
                live(bench);
                select(bench, bench.session.list().rowAt(4)->order->id);
                bench.window.detail().tabs().setCurrentIndex(1);
            }},
        {u"filtered"_s,
            [](ConsoleBench& bench) {
                live(bench);
                bench.window.filters().setChoice(u"keyboard nowhere"_s, {}, {});
                Q_EMIT bench.window.filters().changed();
            }},
        {u"completed"_s,
            [](ConsoleBench& bench) {
                live(bench);
                bench.window.counters().tile(OrderState::Completed).click();
            }},
        {u"several"_s,
            [](ConsoleBench& bench) {
                live(bench);
                bench.window.counters().tile(OrderState::Failed).click();
                bench.window.orders().table().selectAll();
            }},
        {u"stale"_s,
            [](ConsoleBench& bench) {
                live(bench);
                select(bench, bench.session.list().rowAt(1)->order->id);
                bench.link.setStatus(LinkState::Stale, bench.clock.now());
                bench.clock.advance(std::chrono::seconds(95));
                bench.session.tick();
            }},
    };
}

void grab(const Scene& scene, const QString& theme, QSize size, const QDir& folder)
{
    ConsoleBench bench("admin", 7);
    bench.window.resize(size);
    bench.window.show();
    settle();
    scene.play(bench);
    settle();
    const QString file = u"%1-%2-%3.png"_s.arg(scene.name, theme).arg(size.width());
    bench.window.grab().save(folder.filePath(file));
    std::printf("%s\n", qPrintable(file));
}

void grabDialogs(const QString& theme, const QDir& folder)
{
    for (const bool several : {false, true}) {
        ConsoleBench bench("admin", 7);
        bench.window.resize(1280, 800);
        bench.window.show();
        bench.goLive(1500);
        settle();
        OrderTable& table = bench.window.orders().table();
        bench.window.counters().tile(OrderState::Failed).click();
        if (several)
            table.selectAll();
        else
            table.selectRow(0);
        settle();
        bench.window.detail().actions().button(Action::Retry).click();
        settle();
        ActionDialog* dialog = bench.window.dialog();
        dialog->reason().setText(u"Bank says the outage is over"_s);
        if (several) {
            bench.link.answerNextWith(failure(ErrorCode::Unavailable, "no answer"));
            dialog->goButton().click();
            settle();
        }
        settle();
        dialog->grab().save(
            folder.filePath(u"dialog-%1-%2.png"_s.arg(several ? u"several"_s : u"one"_s, theme)));
    }
}

} // namespace

int main(int argc, char* argv[])
{
    qputenv("QT_QPA_PLATFORM", "offscreen");
    qputenv("TZ", "Europe/Berlin");
    QApplication application(argc, argv);
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
    const QDir folder(argc > 1 ? QString::fromLocal8Bit(argv[1]) : u"pictures"_s);
    QDir().mkpath(folder.path());
    const QString only = argc > 2 ? QString::fromLocal8Bit(argv[2]) : QString();
    for (const bool isDark : {false, true}) {
        Theme::apply(application, isDark ? ThemeChoice::Dark : ThemeChoice::Light);
        const QString theme = isDark ? u"dark"_s : u"light"_s;
        for (const Scene& scene : scenes())
            for (const QSize size : {QSize(1280, 800), QSize(1920, 1080)})
                if (only.isEmpty() || scene.name == only)
                    grab(scene, theme, size, folder);
        if (only.isEmpty() || only == u"dialog"_s)
            grabDialogs(theme, folder);
    }
    return 0;
}
