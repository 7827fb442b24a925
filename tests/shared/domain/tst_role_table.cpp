// SPDX-License-Identifier: GPL-3.0-or-later
// The table of rights: what docs/access.md shows is what the code holds, scopes narrow, and custom roles read back as they were written.
#include "shared/domain/actions.h"
#include "shared/protocol/role_codec.h"
#include "tests/shared/support/journal.h"

#include <QFile>
#include <QTest>
#include <cstdio>
#include <limits>

using namespace gantry;

namespace {

constexpr std::array builtIn{Role::Viewer, Role::Warehouse, Role::Support, Role::Admin};

std::string scopeNames(const RightTraits& traits)
{
    std::string text;
    const auto add = [&text](bool has, const char* name) {
        if (has)
            text.append(text.empty() ? "" : ", ").append(name);
    };
    add(traits.hasChannels, "channels");
    add(traits.hasWarehouses, "warehouses");
    add(traits.hasLimits, "limits");
    add(traits.hasSteps, "steps");
    return text;
}

std::string cell(const RoleRef& role, Right right)
{
    const Scope* scope = role->find(right);
    if (!scope)
        return "";
    return scope->steps ? "own steps" : "yes";
}

/// The table as docs/access.md has it.
std::string table()
{
    std::string text = "| right | lets | can be narrowed to |";
    for (const Role role : builtIn)
        text += " " + std::string(roleName(role)) + " |";
    text += "\n|---|---|---|---|---|---|---|\n";
    for (const RightTraits& traits : allRights()) {
        text += "| `" + std::string(traits.name) + "` | " + std::string(traits.meaning) + " | "
            + scopeNames(traits) + " |";
        for (const Role role : builtIn)
            text += " " + cell(role, traits.right) + " |";
        text += '\n';
    }
    return text;
}

Order orderOf(MinorUnits total, MinorUnits captured, MinorUnits refunded = 0)
{
    auto summary = std::make_shared<OrderSummary>(OrderSummary{.channel = "web",
        .externalId = "1",
        .customerName = "Ada",
        .currency = *Currency::fromCode("EUR"),
        .total = total});
    Order order;
    order.version = 1;
    order.summary = std::move(summary);
    order.step = {.name = "label"};
    order.money = {captured, captured, refunded};
    return order;
}

RoleRef with(Right right, Scope scope)
{
    return RoleRef(std::make_shared<const RoleDefinition>(RoleDefinition{
        .name = "custom", .version = 1, .rights = {{Right::ReadOrders, {}}, {right, std::move(scope)}}}));
}

bool may(Action action, const Order& order, const RoleRef& role)
{
    return !refusalOf(action, order, role).has_value();
}

} // namespace

class RoleTableTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theDocumentShowsTheTable()
    {
        QFile file(qEnvironmentVariable("GANTRY_SOURCE") + QStringLiteral("/docs/access.md"));
        QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.errorString()));
        const bool isShown = file.readAll().toStdString().find(table()) != std::string::npos;
        if (!isShown)
            std::fputs(table().c_str(), stdout); // whole: a message of QtTest would be cut
        QVERIFY2(isShown, "docs/access.md has another table; the one that it should have stands above");
    }

    void rightsStandInTheirSequence()
    {
        for (std::size_t i = 0; i < rightCount; ++i) {
            const RightTraits& traits = allRights()[i];
            QCOMPARE(static_cast<std::size_t>(traits.right), i);
            QCOMPARE(rightFromName(traits.name), std::optional(traits.right));
        }
        QVERIFY(!rightFromName("orders"));
    }

    void whatIsNotNamedIsDenied()
    {
        const RoleRef nothing = RoleRef::nothing("gone");
        for (const RightTraits& traits : allRights())
            QVERIFY(!nothing->find(traits.right));
        for (const Action action : allActions)
            QVERIFY(!may(action, orderOf(1, 0), nothing));
        QVERIFY(!nothing.sees("web"));
        QVERIFY(!nothing.builtIn());
    }

    void aLimitIsForWhatTheActionIsAbout()
    {
        const Scope upTo100{.limits = std::map<std::string, MinorUnits>{{"EUR", 100}}};
        const RoleRef canceler = with(Right::Cancel, upTo100);
        QVERIFY(may(Action::Cancel, orderOf(5000, 0), canceler)); // nothing was paid
        QVERIFY(may(Action::Cancel, orderOf(5000, 100), canceler));
        QVERIFY(!may(Action::Cancel, orderOf(5000, 101), canceler));
        QVERIFY(may(Action::Cancel, orderOf(5000, 5000, 4900), canceler)); // most was given back
        const RoleRef overrider = with(Right::Override, upTo100);
        QVERIFY(may(Action::Override, orderOf(100, 0), overrider));
        QVERIFY(!may(Action::Override, orderOf(101, 0), overrider));
        const RoleRef corrector = with(Right::CorrectMoney, upTo100);
        const auto mayCorrect = [&](MoneyChange change) {
            return !refusalOf(Right::CorrectMoney, change, orderOf(5000, 0), corrector).has_value();
        };
        QVERIFY(mayCorrect({100, -100, 0}));
        QVERIFY(!mayCorrect({0, 0, -101}));
        QVERIFY(!mayCorrect({std::numeric_limits<MinorUnits>::min(), 0, 0}));
    }

    void anOrderThatHasNotComeInYetIsNoTrap()
    {
        for (const Action action : allActions)
            QVERIFY(may(action, Order{}, RoleRef(Role::Admin)));
        QVERIFY(!may(
            Action::Hold, Order{}, with(Right::Hold, Scope{.channels = std::vector<std::string>{"web"}})));
    }

    void aChannelNarrows()
    {
        const RoleRef shop = with(Right::Hold, Scope{.channels = std::vector<std::string>{"shop"}});
        QVERIFY(!may(Action::Hold, orderOf(1, 0), shop));
        QVERIFY(isPermitted(Action::Hold, {}, shop)); // somewhere
        const auto refused = refusalOf(Action::Hold, orderOf(1, 0), shop);
        QCOMPARE(refused->code, ErrorCode::Forbidden);
        QCOMPARE(refused->message,
            std::string("The role custom has the right hold not for the channel web but for shop. Ask "
                        "somebody with the "
                        "role warehouse, support or admin."));
    }

    void anApprovalIsNotOverriddenByTheWay()
    {
        Order order = orderOf(1, 0);
        order.step = {
            .name = "review", .performer = Performer::Person, .role = Role::Support, .approvals = 1};
        QVERIFY(!may(Action::Override, order, with(Right::Override, {})));
        QVERIFY(may(Action::Override, order, with(Right::OverrideApproval, {})));
        QVERIFY(
            !may(Action::Approve, order, with(Right::Approve, Scope{.steps = std::vector{Role::Warehouse}})));
        QVERIFY(
            may(Action::Approve, order, with(Right::Approve, Scope{.steps = std::vector{Role::Support}})));
    }

    /// A person at a machine with a key of its own may do what both may.
    void twoRolesTogether()
    {
        QVERIFY(intersectionOf(Role::Admin, Role::Warehouse) == RoleRef(Role::Warehouse));
        QVERIFY(intersectionOf(Role::Viewer, Role::Admin) == RoleRef(Role::Viewer));
        RoleDefinition desk{.name = "desk", .version = 1};
        desk.rights[Right::ReadOrders].channels = {"web", "shop"};
        desk.rights[Right::Cancel].limits = {{"EUR", 100}, {"USD", 50}};
        RoleDefinition till{.name = "till", .version = 1, .isMasked = true};
        till.rights[Right::ReadOrders].channels = {"shop", "fair"};
        till.rights[Right::Cancel].limits = {{"EUR", 70}};
        till.rights[Right::Hold];
        const RoleRef both = intersectionOf(RoleRef(std::make_shared<const RoleDefinition>(desk)),
            RoleRef(std::make_shared<const RoleDefinition>(till)));
        QVERIFY(!both.builtIn());
        QVERIFY(both->isMasked);
        QVERIFY(both.sees("shop") && !both.sees("web") && !both.sees("fair"));
        QVERIFY(!both->find(Right::Hold));
        QVERIFY((both->find(Right::Cancel)->limits == std::map<std::string, MinorUnits>{{"EUR", 70}}));
    }

    void whatIsWrittenReadsBack()
    {
        RoleDefinition role{.name = "desk", .version = 4, .isMasked = true};
        for (const RightTraits& traits : allRights()) {
            if (!traits.isGrantable)
                continue;
            Scope scope;
            if (traits.hasChannels && traits.right != Right::ReadOrders)
                scope.channels = std::vector<std::string>{"shop", "web"};
            if (traits.hasWarehouses)
                scope.warehouses = std::vector<std::string>{"north"};
            if (traits.hasLimits)
                scope.limits = std::map<std::string, MinorUnits>{{"EUR", 0}, {"JPY", 9}};
            if (traits.hasSteps)
                scope.steps = std::vector{Role::Warehouse, Role::Admin};
            role.rights.emplace(traits.right, scope);
        }
        const auto read = decodeRole(encodeRole(role), "desk", 4);
        QVERIFY2(read, read ? "" : read.error().message.c_str());
        QVERIFY(*read == role);
        QCOMPARE(decodeRole("{", "desk", 4).error().code, ErrorCode::Corrupt);
        QCOMPARE(decodeRole("{}", "desk", 4).error().code, ErrorCode::Corrupt);
    }
};

QTEST_GUILESS_MAIN(RoleTableTest)
#include "tst_role_table.moc"
