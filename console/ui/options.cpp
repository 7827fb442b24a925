// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/options.h"

#include "console/client/data_dir.h"

#include <QCommandLineParser>
#include <QRegularExpression>

namespace gantry::console {

namespace {

using namespace Qt::StringLiterals;

tl::unexpected<Error> wrong(const QString& what)
{
    return failure(
        ErrorCode::InvalidValue, what.toStdString() + ". gantry-console --help lists what can be given.");
}

std::optional<ThemeChoice> themeOf(const QString& name)
{
    if (name == u"system")
        return ThemeChoice::System;
    if (name == u"light")
        return ThemeChoice::Light;
    if (name == u"dark")
        return ThemeChoice::Dark;
    return std::nullopt;
}

/// WIDTHxHEIGHT, each from 320 to 7680.
std::optional<QSize> sizeOf(const QString& text)
{
    static const QRegularExpression pattern(u"^([0-9]{3,4})x([0-9]{3,4})$"_s);
    const auto match = pattern.match(text);
    const QSize size(match.captured(1).toInt(), match.captured(2).toInt());
    const bool fits = match.hasMatch() && std::min(size.width(), size.height()) >= 320
        && std::max(size.width(), size.height()) <= 7680;
    return fits ? std::optional(size) : std::nullopt;
}

} // namespace

Result<Options> readOptions(const QStringList& arguments, const QString& defaultDataDir)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(u"Watches and mends the orders of a gantryd."_s);
    const QCommandLineOption help({u"h"_s, u"help"_s}, u"Print this, and exit."_s);
    const QCommandLineOption version(u"version"_s, u"Print the version, and exit."_s);
    const QCommandLineOption profile(
        u"profile"_s, u"A profile file; default: admin.profile in the data directory."_s, u"FILE"_s);
    const QCommandLineOption dataDir(u"data-dir"_s,
        u"The data directory of a gantryd on this machine (default %1)."_s.arg(defaultDataDir), u"DIR"_s,
        defaultDataDir);
    const QCommandLineOption theme(
        u"theme"_s, u"light, dark, or system (default)."_s, u"THEME"_s, u"system"_s);
    const QCommandLineOption screenshot(
        u"screenshot"_s, u"Once live, draw the window into this PNG file, and exit."_s, u"FILE"_s);
    const QCommandLineOption size(u"size"_s, u"Size of the window, such as 1280x800."_s, u"WxH"_s);
    const QCommandLineOption select(
        u"select"_s, u"Choose the open order with this number."_s, u"EXTERNAL_ID"_s);
    parser.addOptions({help, version, profile, dataDir, theme, screenshot, size, select});
    if (!parser.parse(arguments))
        return wrong(parser.errorText().chopped(parser.errorText().endsWith(u'.') ? 1 : 0));
    if (!parser.positionalArguments().isEmpty())
        return wrong(u"%1 is not an option"_s.arg(parser.positionalArguments().front()));
    Options options;
    if (parser.isSet(help))
        options.finalWords = parser.helpText();
    else if (parser.isSet(version))
        options.finalWords = u"gantry-console %1\n"_s.arg(QLatin1StringView(GANTRY_VERSION));
    options.profile = parser.isSet(profile)
        ? parser.value(profile)
        : QString::fromStdString(profileIn(parser.value(dataDir).toStdString()));
    const auto choice = themeOf(parser.value(theme));
    if (!choice)
        return wrong(u"--theme %1 is none of light, dark and system"_s.arg(parser.value(theme)));
    options.theme = *choice;
    if (parser.isSet(size)) {
        const auto wanted = sizeOf(parser.value(size));
        if (!wanted)
            return wrong(u"--size %1 is not a size such as 1280x800"_s.arg(parser.value(size)));
        options.size = *wanted;
    }
    options.screenshot = parser.value(screenshot);
    options.select = parser.value(select);
    return options;
}

} // namespace gantry::console
